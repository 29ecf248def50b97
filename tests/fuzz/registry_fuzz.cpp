// What parties and registry say to each other: what is read is written and read back as the same.
#include <cstdint>
#include <cstdlib>

#include "bus/xml/element.hpp"
#include "rpc/registry/protocol.hpp"

using namespace xbus;
using namespace xbus::registry;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto address = service_address(text, "services.example.org")) {
    if (service_address(name_of_address(*address), "services.example.org") != address) std::abort();
  }
  const auto element = xml::parse(text, ns_registry);
  if (!element) return 0;
  auto reread = [](const xml::Element& e) { return *xml::parse(xml::write(e)); };
  if (auto instance = instance_from(*element)) {
    if (instance_from(reread(to_element(*instance))) != instance) std::abort();
  }
  const auto services = services_from(*element);
  if (services_from(reread(to_element("services", services))) != services) std::abort();
  const auto watched = names_of_watch(*element);
  if (names_of_watch(reread(watch_request(watched))) != watched) std::abort();
  const auto names = names_from(*element);
  if (names_from(reread(to_element(names))) != names) std::abort();
  return 0;
}
