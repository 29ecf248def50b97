// A handler that blocks, on a disk here: it runs on a thread, and every other call goes on meanwhile.
#include <xbus/xbus.hpp>

#include <cstdint>
#include <fstream>
#include <string>

int main() {
  return xbus::run([](xbus::Bus& bus) -> xbus::Task<void> {
    xbus::Service files("files");
    files
        .method("lines", {"path"},
                [](const std::string& path) {
                  std::ifstream file(path);
                  if (!file) throw xbus::Fault(xbus::Fault::Kind::failed, path + " cannot be read");
                  int64_t count = 0;
                  for (std::string line; std::getline(file, line);) ++count;
                  return count;
                })
        .doc("How many lines a file has.")
        .blocking();
    co_await bus.serve(files);
    const auto lines = co_await bus.service("files").call<int64_t>("lines", "/etc/passwd");
    if (lines == 0) throw xbus::Fault(xbus::Fault::Kind::failed, "nobody lives here");
    co_await bus.leave(files);
  });
}
