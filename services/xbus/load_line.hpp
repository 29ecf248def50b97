// One connection of the load generator, whatever it speaks: it makes calls and takes their answers,
// or echoes those of others.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "rpc/fault.hpp"

namespace xbus::cli {

class LoadLine {
 public:
  enum class Role : uint8_t { caller, echo, idle };
  struct Place {
    Role role = Role::caller;
    size_t index = 0;          // among all lines
    size_t payload_bytes = 0;  // that a call carries there and back
    size_t outstanding = 1;    // calls under way at once; those whose ids differ by a multiple never are
  };

  // Everything comes from the loop, never from inside a call to the line, which must live through
  // it.
  class Owner {
   public:
    virtual void on_ready(LoadLine& line) = 0;
    // The answer to the call of this id: ok when it is what the echo had to say. An id that nothing
    // waits for may come too.
    virtual void on_answer(LoadLine& line, uint64_t id, FaultKind outcome) = 0;
    virtual void on_ended(LoadLine& line, const Fault& why) = 0;  // final

   protected:
    ~Owner() = default;
  };

  virtual ~LoadLine() = default;  // ends the connection

  virtual void start() = 0;
  virtual size_t index() const = 0;
  // Where calls to this line go; known once it is ready.
  virtual const std::string& address() const = 0;
  // Whom the calls of this line go to. Once, before the first.
  virtual void aim(const std::string& address) = 0;
  // Queues one; it goes out at the end of the round. False when too much waits already.
  virtual bool call(uint64_t id) = 0;
};

}  // namespace xbus::cli
