#include "services/agent/hysteresis.hpp"

namespace xbus::agent {

bool Hysteresis::add(double value, Time now) {
  const Level before = level_;
  if (value >= threshold_.high) level_ = Level::high;
  if (value >= threshold_.normal) {
    below_since_.reset();
  } else {
    if (!below_since_) below_since_ = now;
    if (now - *below_since_ >= threshold_.calm) level_ = Level::normal;
  }
  return level_ != before;
}

}  // namespace xbus::agent
