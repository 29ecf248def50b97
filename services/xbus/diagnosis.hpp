// What the steps of a connection mean: each as a finding, in the order of the way from the address
// to the login, and what could not be reached as skipped.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/client/progress.hpp"
#include "services/xbus/cause.hpp"
#include "services/xbus/finding.hpp"
#include "services/xbus/socket_file.hpp"

namespace xbus::cli {

class Diagnosis {
 public:
  using Tell = std::function<void(const Finding&)>;
  using Look = std::function<SocketFile(const std::string& path)>;

  Diagnosis(Asked of, Tell tell, Look look = socket_file);

  void on_step(const client::Step& step);
  // A step behind the login.
  void found(Finding finding);
  // What was not reached is told as skipped.
  void end();

  // The row of the first step that failed; ok without one.
  FaultKind kind() const { return kind_; }

 private:
  void tell(const Finding& finding);
  void pass_over(std::string_view until);
  std::string reason_to_skip(std::string_view step) const;
  // The ways that failed before another was found, or before the last failed too.
  void settle(bool another_was_found);
  std::vector<Finding> of_connect(const client::Step& step);

  Asked asked_;
  Tell tell_;
  Look look_;
  std::vector<std::string_view> order_;
  size_t next_ = 0;  // in order_: told up to here
  std::vector<std::vector<Finding>> pending_;
  std::string scheme_;  // of the address under way
  bool port_given_ = false;
  bool direct_tls_ = false;
  FaultKind kind_ = FaultKind::ok;
};

}  // namespace xbus::cli
