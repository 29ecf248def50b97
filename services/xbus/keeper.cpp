// The keeper is a "child subreaper" (prctl(2)): orphans below it become its children, whatever
// group or session they are in, so killing its children until there are none ends every descendant.
// Between fork and exec in a program with threads only functions that are safe in a signal handler
// may be called: no allocation, no stdio, no locks.
#include "services/xbus/keeper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace xbus::cli {
namespace {

// Descriptors of the keeper: none but these two is open in it.
constexpr int report_here = 3, list_here = 4, first_free = 5;

void report_ending(int report, KeptEnding::Kind kind, int value) {
  const KeptEnding ending{kind, value};
  // Less than PIPE_BUF: whole or not at all.
  if (::write(report, &ending, sizeof ending) < 0) return;
}

[[noreturn]] void become(const KeptCommand& command, int report) {
  ::setpgid(0, 0);
  ::dup2(command.input, 0);
  ::dup2(command.output, 1);
  ::dup2(command.errors, 2);
  // The report is closed by exec, everything else here: also what has no close-on-exec.
  ::dup3(report, report_here, O_CLOEXEC);
  ::syscall(SYS_close_range, static_cast<unsigned>(report_here) + 1, ~0U, 0U);
  struct sigaction as_usual {};
  as_usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &as_usual, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execvpe(command.words[0], command.words, command.environment);
  report_ending(report_here, KeptEnding::Kind::not_started, errno);
  ::_exit(127);
}

// Kills each child of this process; how many could be killed.
int kill_children(int list) {
  std::array<char, 4096> buffer;
  int killed = 0;
  pid_t pid = 0;
  off_t at = 0;
  for (ssize_t count = 0; (count = ::pread(list, buffer.data(), buffer.size(), at)) > 0;
       at += count) {
    for (ssize_t i = 0; i < count; ++i) {
      const char c = buffer[static_cast<size_t>(i)];
      if (c >= '0' && c <= '9') {
        pid = pid * 10 + (c - '0');
      } else if (pid > 0) {
        if (::kill(pid, SIGKILL) == 0) ++killed;
        pid = 0;
      }
    }
  }
  return killed;
}

// Until no descendant is left that may be killed. What dies leaves its children to us, so it goes
// round by round.
void end_descendants(pid_t leader, bool leader_is_there, int list, int* status) {
  if (leader_is_there) ::kill(-leader, SIGKILL);
  while (true) {
    const bool hopeless = kill_children(list) == 0;
    int ended = 0;
    const pid_t pid = ::waitpid(-1, &ended, hopeless && !leader_is_there ? WNOHANG : 0);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) return;
    if (pid == leader) {
      *status = ended;
      leader_is_there = false;
    }
  }
}

[[noreturn]] void keep(const KeptCommand& command, int report, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(1);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::setpgid(0, 0);
  sigset_t awaited;
  ::sigemptyset(&awaited);
  ::sigaddset(&awaited, SIGCHLD);
  ::sigaddset(&awaited, SIGTERM);
  // An ignored SIGCHLD would reap children before their status is read.
  struct sigaction as_usual {};
  as_usual.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &as_usual, nullptr);

  const pid_t leader = ::_Fork();
  if (leader == 0) become(command, report);
  if (leader < 0) {
    report_ending(report, KeptEnding::Kind::not_started, errno);
    ::_exit(1);
  }
  ::setpgid(leader, leader);
  // The command's pipes end with the command, so nothing of them stays open here.
  const int list = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  const int raised = list < 0 ? -1 : ::fcntl(list, F_DUPFD_CLOEXEC, first_free);
  ::dup2(report, report_here);
  if (raised < 0 || ::dup2(raised, list_here) < 0) ::close(list_here);
  for (int fd = 0; fd < report_here; ++fd) ::close(fd);
  ::syscall(SYS_close_range, static_cast<unsigned>(first_free), ~0U, 0U);

  int status = 0;
  bool there = true;
  while (there) {
    siginfo_t info{};
    if (::sigwaitinfo(&awaited, &info) == SIGTERM) break;
    int ended = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &ended, WNOHANG)) > 0;) {
      if (pid != leader) continue;
      status = ended;
      there = false;
    }
  }
  end_descendants(leader, there, list_here, &status);
  report_ending(report_here, KeptEnding::Kind::ended, status);
  ::_exit(0);
}

}  // namespace

std::optional<Keeper> start_kept(const KeptCommand& command) {
  std::array<int, 2> report{};
  if (::pipe2(report.data(), O_CLOEXEC) != 0) return std::nullopt;
  // The other side puts its own under fixed numbers.
  const int raised = ::fcntl(report[1], F_DUPFD_CLOEXEC, first_free);
  // No signal may be handled in the new process before it is ready for it.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t parent = ::getpid();
  const pid_t pid = raised < 0 ? -1 : ::_Fork();
  if (pid == 0) keep(command, raised, parent);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(report[1]);
  if (raised >= 0) ::close(raised);
  if (pid > 0) return Keeper{pid, report[0]};
  ::close(report[0]);
  errno = error;
  return std::nullopt;
}

std::optional<KeptEnding> kept_ending(int report) {
  std::optional<KeptEnding> found;
  KeptEnding ending;
  while (true) {
    const ssize_t count = ::read(report, &ending, sizeof ending);
    if (count < 0 && errno == EINTR) continue;
    if (count != sizeof ending) return found;
    // What could not be started ends too; the first word says why.
    if (!found) found = ending;
  }
}

}  // namespace xbus::cli
