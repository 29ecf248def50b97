// The command line of a program: options, verbs and what stands behind them.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/common/command_shape.hpp"
#include "services/common/man_page.hpp"

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
  // What --help and the manual page say beside the options: a paragraph, a command that a reader
  // can type as it stands, and terms that are explained under a title ("Exit status").
  CommandLine& details(const std::string& paragraph);
  CommandLine& example(const std::string& command, const std::string& says);
  CommandLine& section(const std::string& title, std::vector<SectionShape::Entry> entries);
  // A verb for programs, not for people: no help shows it.
  CommandLine& hide();

  enum class Need { optional, required };
  void text(const std::string& name, std::string& target, const std::string& help,
            Need need = Need::optional);
  // An option that may be given again and again, or every position that is left.
  void texts(const std::string& name, std::vector<std::string>& target, const std::string& help,
             Need need = Need::optional);
  // An option whose value may be left out: then `given` is set and the target stays as it is.
  void text_if_any(const std::string& name, std::optional<std::string>& target, bool& given,
                   const std::string& help);
  // One of these words.
  void choice(const std::string& name, std::string& target, const std::vector<std::string>& words,
              const std::string& help, Need need = Need::optional);
  void number(const std::string& name, int64_t& target, int64_t least, int64_t most,
              const std::string& help);
  // Seconds, with a fraction.
  void seconds(const std::string& name, double& target, double least, double most,
               const std::string& help);
  void flag(const std::string& name, bool& target, const std::string& help);

  // The section of the manual that the program's pages stand in: "1", or "8" for a daemon.
  void man_section(const std::string& section);
  // A page beside those of the program and its verbs: that of a configuration file.
  void man_page(ManPage page);
  // All of it as data.
  CommandShape shape() const;
  // What `PROGRAM VERB ACTION --help` shows; nothing where there is no such verb.
  std::optional<std::string> help(const std::vector<std::string>& verbs) const;

  // Nothing when the program shall go on, else its exit status: 0 after --help and --version, 2
  // after a line on standard error that says what is wrong. `PROGRAM --man-pages FOLDER` writes the
  // manual pages, which the build installs.
  std::optional<int> parse(int argc, const char* const* argv);

 private:
  struct Impl;
  explicit CommandLine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xbus::common
