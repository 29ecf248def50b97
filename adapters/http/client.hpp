// Client: GET over HTTP/1.1 and HTTPS, for what is looked at again and again: an answer that has not changed is not
// sent again.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "bus/net/io_loop.hpp"
#include "bus/result.hpp"
#include "bus/task.hpp"

namespace xbus::http {

struct ClientOptions {
  std::string ca_file = {};      // PEM: whom HTTPS trusts; empty: the system's CAs
  std::string agent = {};        // User-Agent; empty: none
  std::string nameservers = {};  // as net::ResolverOptions has them
};

struct Get {
  std::string url;
  // What the last answer said; empty: nothing is known (RFC 9110 section 13.1).
  std::string etag = {}, last_modified = {};
  size_t body_bytes_max;
};

struct Answer {
  bool changed = true;  // false: 304, and the body is empty
  std::string body;
  std::string url;                  // that answered, after redirections
  std::string charset;              // of the Content-Type; empty: none
  std::string etag, last_modified;  // to be given back; empty where there was none
};

// Lives on one loop. Each GET has a connection of its own; bounded by limits::fetch_*, its certificate is checked, and
// plain text is asked for (no compression). Redirections are followed, never from https to http, and never to this host
// from another one.
class Client {
 public:
  // The error is a line for a person: a CA file that is none.
  static Result<std::unique_ptr<Client>, std::string> make(net::IoLoop& loop, const ClientOptions& options);
  ~Client();  // after the last get() has ended
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The error is a line for a person. Anything but 200, 304 and redirections is one.
  Task<Result<Answer, std::string>> get(Get what);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xbus::http
