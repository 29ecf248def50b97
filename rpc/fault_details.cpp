#include "rpc/fault_details.hpp"

#include "bus/limits.hpp"
#include "rpc/metadata.hpp"

namespace xbus {

namespace {

// Counts details until the limits are reached; those that come later are left out.
class Room {
 public:
  bool takes(std::string_view name, std::string_view value) {
    const size_t bytes = name.size() + value.size();
    if (left_out_ > 0 || count_ == limits::fault_details_max || bytes > limits::fault_details_bytes_max - bytes_) {
      ++left_out_;
      return false;
    }
    ++count_;
    bytes_ += bytes;
    return true;
  }
  size_t left_out() const { return left_out_; }

 private:
  size_t count_ = 0, bytes_ = 0, left_out_ = 0;
};

}  // namespace

std::string carried(std::string text) {
  if (!xml::is_xml_text(text))
    for (char& c : text)
      if (c < ' ' || c > '~') c = '?';
  return text;
}

void write_details(xml::Element& parent, const Fault::Details& details) {
  if (details.empty()) return;
  xml::Element& all = parent.add(xml::Element("details", std::string(ns_call)));
  const auto add = [&](const std::string& name, const std::string& value) {
    all.add("detail").set("name", carried(name)).add_text(carried(value));
  };
  Room room;
  for (const auto& [name, value] : details)
    if (room.takes(name, value)) add(name, value);
  if (room.left_out() > 0) add(std::string(details_left_out), std::to_string(room.left_out()));
}

void read_details(const xml::Element& parent, Fault& fault) {
  const xml::Element* all = parent.first("details", ns_call);
  if (!all) return;
  Room room;
  const std::string* said = nullptr;
  for (const xml::Element* each : all->elements("detail", ns_call)) {
    const std::string* name = each->attr("name");
    if (!name || name->empty()) continue;
    std::string value = each->text();
    if (*name == details_left_out) {
      said = name;
      fault.detail(*name, value.substr(0, limits::metadata_bytes_max));
    } else if (room.takes(*name, value)) {
      fault.detail(*name, std::move(value));
    }
  }
  if (room.left_out() > 0 && !said) fault.detail(std::string(details_left_out), std::to_string(room.left_out()));
}

}  // namespace xbus
