// Starts a command under a keeper: a small process of ours that sees to it that nothing the command
// started outlives it, not even what has made a session of its own.
#pragma once
#include <sys/types.h>

#include <optional>

namespace xbus::cli {

struct KeptCommand {
  char* const* words = nullptr;  // the program, looked up in PATH, and its arguments
  char* const* environment = nullptr;
  int input = -1, output = -1, errors = -1;  // 0, 1 and 2 of the command; above 2 here
};

// How the command ended. Written by the keeper before it ends itself.
struct KeptEnding {
  enum class Kind : int { not_started, ended } kind = Kind::ended;
  int value = 0;  // an errno, or a status of waitpid()
};

struct Keeper {
  pid_t pid = -1;   // a child of this process; ends when the command and all its descendants have
  int report = -1;  // where it writes KeptEnding; closed on exec
};

// Nothing when the system has no process or pipe left, with the reason in errno. The command is the
// leader of a process group of its own with every signal at its default. SIGTERM to the keeper ends
// it all by SIGKILL; so does the death of the calling thread. Safe to call from several threads at
// once.
std::optional<Keeper> start_kept(const KeptCommand& command);

// What the keeper has reported; nothing when it was killed before it could.
std::optional<KeptEnding> kept_ending(int report);

}  // namespace xbus::cli
