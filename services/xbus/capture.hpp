// A capture: stanzas as a monitor saw them, in one XML file that any XML tool reads.
//
//   <?xml version='1.0' encoding='UTF-8'?>
//   <capture xmlns='urn:xbus:capture:0' version='1' from='localhost' to='ann@localhost/r'>
//   <instance service='agent' jid='ann@localhost/host'/>
//   <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay'
//   stamp='...'/>STANZA</forwarded> <missed stanzas='3'/>
//   </capture>
//
// `from` is the bus, `to` who watched. <instance/> says who stood for a service when it began. The
// end tag is there at any time: each element is written over it, together with a new one.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/scanner.hpp"
#include "bus/xmpp/forwarded.hpp"

namespace xbus::cli {

inline constexpr std::string_view ns_capture = "urn:xbus:capture:0";

// One of the three.
struct CaptureItem {
  std::optional<xmpp::Forwarded> seen;  // with its delay
  uint64_t missed = 0;
  struct Instance {
    std::string service;
    xmpp::Jid jid;
    bool operator==(const Instance&) const = default;
  };
  std::optional<Instance> instance;
};

// The file being written, of mode 0600, what was in it is lost. Errors are a line for a person.
class CaptureFile {
 public:
  static Result<CaptureFile, std::string> create(const std::string& path, std::string_view bus,
                                                 std::string_view account);
  CaptureFile(CaptureFile&& other) noexcept;
  CaptureFile& operator=(CaptureFile&&) = delete;
  ~CaptureFile();

  // Is in the file when it returns. A stanza that no reader would take is written without what it
  // holds.
  Result<void, std::string> add(const CaptureItem& item);

 private:
  CaptureFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  Result<void, std::string> put(std::string text);

  std::string path_;
  int fd_;
  uint64_t end_ = 0;  // where the end tag begins
};

// Reads one from bytes. What is not exactly as above is an error.
class CaptureReader {
 public:
  CaptureReader();

  enum class Event { more, item, end, error };
  struct Step {
    Event event;
    size_t consumed;  // bytes of the window that are done with
  };
  // The next event in a window that begins at the first byte not yet consumed.
  Step next(std::string_view window);
  // Nothing comes any more: whether that is where a capture ends. Else error().
  bool finish();
  const CaptureItem& item() const { return item_; }
  const std::string& error() const { return error_; }

 private:
  Step bad(std::string why, size_t consumed);
  bool read(const xml::Element& element);

  xml::Scanner scanner_;
  CaptureItem item_;
  std::string error_;
  bool begun_ = false, ended_ = false;
};

// Hands all of a file to `take` until that returns false. The error is PATH:OFFSET: and why.
Result<void, std::string> read_capture(const std::string& path,
                                       const std::function<bool(const CaptureItem&)>& take);

}  // namespace xbus::cli
