// The command line of a program: options, verbs and what stands behind them.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xbus::common {

// Targets must outlive parse(). An option is written "--name" or "-n,--name"; a name without dashes
// is a position. What begins with a dash and a digit is a value, never an option; behind "--"
// everything is.
class CommandLine {
 public:
  // A program that answers --help and --version.
  CommandLine(const std::string& program, const std::string& about, const std::string& version);
  ~CommandLine();
  CommandLine(CommandLine&&) noexcept;

  // A verb of its own; options of the program may stand behind it too. Lives as long as this.
  CommandLine& verb(const std::string& name, const std::string& about);
  bool given() const;  // of a verb: it was the one asked for
  // Exactly one of the verbs must be given.
  void verb_required();
  // Shown at the end of --help.
  void footer(const std::string& text);

  enum class Need { optional, required };
  void text(const std::string& name, std::string& target, const std::string& help,
            Need need = Need::optional);
  // An option that may be given again and again, or every position that is left.
  void texts(const std::string& name, std::vector<std::string>& target, const std::string& help,
             Need need = Need::optional);
  // An option whose value may be left out: then `given` is set and the target stays as it is.
  void text_if_any(const std::string& name, std::string& target, bool& given,
                   const std::string& help);
  // One of these words.
  void choice(const std::string& name, std::string& target, const std::vector<std::string>& words,
              const std::string& help);
  void number(const std::string& name, int64_t& target, int64_t least, int64_t most,
              const std::string& help);
  // Seconds, with a fraction.
  void seconds(const std::string& name, double& target, double least, double most,
               const std::string& help);
  void flag(const std::string& name, bool& target, const std::string& help);

  // Nothing when the program shall go on, else its exit status: 0 after --help and --version, 2
  // after a line on standard error that says what is wrong.
  std::optional<int> parse(int argc, const char* const* argv);

 private:
  struct Impl;
  explicit CommandLine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xbus::common
