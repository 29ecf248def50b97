// MetricsServer: a program's metrics over HTTP, at /metrics, in the text format of Prometheus.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bus/metrics.hpp"
#include "bus/net/http_server.hpp"

namespace xbus::net {

// Lives on one loop, which is also where `fill` is called, once for each request. Beside what it adds, the text has the
// process's own numbers (process_metrics below).
class MetricsServer {
 public:
  // At "[ADDRESS:]PORT" (listen_address). Errors are a line for a person.
  static Result<std::unique_ptr<MetricsServer>, std::string> listen(IoLoop& loop, std::string_view address,
                                                                    std::function<void(MetricsText&)> fill);
  // "http://127.0.0.1:9464/metrics"
  std::string url() const { return "http://" + server_->address().text() + "/metrics"; }

 private:
  explicit MetricsServer(std::unique_ptr<HttpServer> server) : server_(std::move(server)) {}
  std::unique_ptr<HttpServer> server_;
};

// What the kernel tells of this process, by the names that Prometheus's clients have for it: CPU time, memory,
// descriptors, threads, start. What cannot be read is left out.
void process_metrics(MetricsText& text);

}  // namespace xbus::net
