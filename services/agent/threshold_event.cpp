#include "services/agent/threshold_event.hpp"

#include <cmath>
#include <cstdio>

namespace xbus::agent {
namespace {

std::string percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

std::string with_two_digits(double number) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f", number);
  return text;
}

const char* again(Level level) { return level == Level::high ? "" : ", normal again"; }

}  // namespace

std::string text_of(const LoadEvent& event) {
  std::string out = event.host + ": load " + with_two_digits(event.one_minute) + " on " +
                    std::to_string(event.processors) + (event.processors == 1 ? " processor" : " processors");
  if (event.pressure) out += ", tasks wait " + percent(*event.pressure) + " of the time";
  return out + again(event.level);
}

std::string text_of(const MemoryEvent& event) {
  std::string out = event.host + ": memory is " + percent(event.used) + " used";
  if (event.pressure) out += ", tasks wait for it " + percent(*event.pressure) + " of the time";
  return out + again(event.level);
}

std::string text_of(const DiskEvent& event) {
  std::string out = event.host + ": " + event.mount_point + " is " + percent(event.used) + " full";
  if (event.files_used > event.used) out += ", " + percent(event.files_used) + " of its files";
  return out + again(event.level);
}

}  // namespace xbus::agent
