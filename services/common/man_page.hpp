// A manual page: composed of headings, paragraphs, entries and examples, written for man(1).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "services/common/command_shape.hpp"

namespace xbus::common {

// Text may hold anything: nothing in it is taken for a request of roff.
class ManPage {
 public:
  // "xbus-call", "1", "call a method"; `version` names program and version at the foot.
  ManPage(std::string name, std::string section, const std::string& about,
          const std::string& version);

  ManPage& heading(std::string_view text);
  ManPage& paragraph(std::string_view text);
  // A term in bold, and what is said about it indented under it.
  ManPage& entry(std::string_view term, std::string_view text);
  // A command or a piece of a file as it is typed, and what is said about it before.
  ManPage& example(std::string_view says, std::string_view typed);
  // Other pages: "xbus(1)".
  ManPage& see_also(const std::vector<std::string>& pages);

  std::string file_name() const { return name_ + "." + section_; }
  const std::string& text() const { return text_; }

 private:
  std::string name_, section_, text_;
};

// The pages of a program: its own, and one each verb that is not hidden (PROGRAM-VERB).
std::vector<ManPage> man_pages(const CommandShape& program, const std::string& section,
                               const std::string& version);

// Writes them as files into a folder that is there; the error is a line for a person.
std::string write_pages(const std::vector<ManPage>& pages, const std::string& folder);

}  // namespace xbus::common
