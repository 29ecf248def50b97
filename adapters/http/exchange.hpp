// One request and its answer on a connection of its own; what Client is made of.
#pragma once
#include <memory>
#include <string>

#include "adapters/http/url.hpp"
#include "bus/clock.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/net/resolver.hpp"
#include "bus/net/tls.hpp"
#include "bus/result.hpp"
#include "bus/task.hpp"

namespace xbus::http {

struct Exchanged {
  unsigned status = 0;
  std::string body;  // empty unless the status is 200
  std::string content_type, etag, last_modified, location;
  bool loopback = false;  // it came from this host
};

// Lives on the loop; gone, it asks no more and tells nobody.
class Exchange {
 public:
  struct Request {
    Url url;
    std::string head;  // all of the request
    size_t body_bytes_max;
    bool not_this_host;  // refuses a loopback address
    Time until;
  };
  Exchange(net::IoLoop& loop, net::Resolver& resolver, std::shared_ptr<net::TlsContext> tls, Request request);
  ~Exchange();

  // Once. The error is a line for a person.
  Task<Result<Exchanged, std::string>> run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xbus::http
