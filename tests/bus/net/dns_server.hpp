// A small DNS server on loopback UDP that answers from a table: what the resolver is tried with.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bus/net/descriptor.hpp"
#include "bus/net/io_loop.hpp"

namespace xbus::net {

class DnsServer final : private IoLoop::Watcher {
 public:
  explicit DnsServer(IoLoop& loop);
  ~DnsServer();

  std::string address() const;  // "127.0.0.1:PORT"
  void add_srv(const std::string& name, uint16_t priority, uint16_t weight, uint16_t port, const std::string& host);
  void add_a(const std::string& name, const std::string& address);     // dotted
  void add_aaaa(const std::string& name, const std::string& address);
  void fail(const std::string& name) { failing_[name] = true; }         // SERVFAIL
  // What the next answers are cut or changed to, for broken servers.
  void garble(std::string (*how)(std::string answer)) { garble_ = how; }

  int queries = 0;

 private:
  void on_ready(uint32_t ready) override;
  std::string answer(std::string_view query);
  static std::string labels(std::string_view name);

  IoLoop& loop_;
  Descriptor socket_;
  std::map<std::pair<std::string, uint16_t>, std::vector<std::string>> records_;  // rdata by name and type
  std::map<std::string, bool> failing_;
  std::string (*garble_)(std::string) = nullptr;
};

}  // namespace xbus::net
