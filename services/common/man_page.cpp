#include "services/common/man_page.hpp"

#include <cstdio>

namespace xbus::common {
namespace {

// A hyphen is written as a minus so that what is copied from the page works in a shell; a line that
// begins with a dot or a quote would be a request.
std::string escaped(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    at_start = c == '\n';
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// As the argument of a request, between quotes.
std::string argument(std::string_view text) {
  std::string out = "\"";
  for (const char c : escaped(text)) out += c == '"' ? std::string("\\(dq") : std::string(1, c);
  return out + "\"";
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string term_of(const OptionShape& option) {
  std::string out;
  for (const char c : option.name) out += c == ',' ? std::string(", ") : std::string(1, c);
  std::string value = "VALUE";
  if (!option.words.empty()) {
    value.clear();
    for (const std::string& word : option.words) value += (value.empty() ? "" : "|") + word;
  }
  using Takes = OptionShape::Takes;
  if (option.is_position()) {
    if (option.takes == Takes::many) out += "...";
    return option.required ? out : "[" + out + "]";
  }
  if (option.takes == Takes::maybe) return out + " [" + value + "]";
  return option.takes == Takes::nothing ? out : out + " " + value;
}

void add_options(ManPage& page, const CommandShape& shape) {
  for (const OptionShape& option : shape.options) {
    const bool again = option.takes == OptionShape::Takes::many && !option.is_position();
    page.entry(term_of(option), option.help + (again ? "; may be given again and again" : ""));
  }
}

std::string synopsis(const std::string& command, const CommandShape& shape) {
  std::string out = command;
  bool options = false;
  for (const OptionShape& option : shape.options) options = options || !option.is_position();
  if (options) out += " [OPTIONS]";
  for (const OptionShape& option : shape.options)
    if (option.is_position()) out += " " + term_of(option);
  return out;
}

void add_rest(ManPage& page, const CommandShape& shape) {
  for (const SectionShape& section : shape.sections) {
    page.heading(section.title);
    for (const auto& [term, text] : section.entries) page.entry(term, text);
  }
  if (shape.examples.empty()) return;
  page.heading("Examples");
  for (const Example& example : shape.examples) page.example(example.says, example.command);
}

ManPage verb_page(const CommandShape& program, const CommandShape& verb, const std::string& section,
                  const std::string& version) {
  const std::string command = program.name + " " + verb.name;
  ManPage page(program.name + "-" + verb.name, section, verb.about, version);
  page.heading("Synopsis").paragraph(synopsis(command, verb));
  for (const CommandShape& action : verb.verbs)
    page.paragraph(synopsis(command + " " + action.name, action));
  page.heading("Description").paragraph(verb.about + ".");
  for (const std::string& paragraph : verb.details) page.paragraph(paragraph);
  for (const CommandShape& action : verb.verbs) page.entry(action.name, action.about);
  page.heading("Options");
  add_options(page, verb);
  page.paragraph("The options of " + program.name + "(" + section + ") may stand here too.");
  for (const CommandShape& action : verb.verbs) {
    if (action.options.empty()) continue;
    page.heading(verb.name + " " + action.name);
    add_options(page, action);
  }
  add_rest(page, verb);
  return page.see_also({program.name + "(" + section + ")"});
}

}  // namespace

ManPage::ManPage(std::string name, std::string section, const std::string& about,
                 const std::string& version)
    : name_(std::move(name)), section_(std::move(section)) {
  text_ = ".TH " + argument(upper(name_)) + " " + argument(section_) + " \"\" " +
          argument(version) + "\n.nh\n.ad l\n";
  heading("Name");
  text_ += escaped(name_) + " \\- " + escaped(about) + "\n";
}

ManPage& ManPage::heading(std::string_view text) {
  text_ += ".SH " + argument(upper(text)) + "\n";
  return *this;
}

ManPage& ManPage::paragraph(std::string_view text) {
  text_ += ".PP\n" + escaped(text) + "\n";
  return *this;
}

ManPage& ManPage::entry(std::string_view term, std::string_view text) {
  text_ += ".TP\n.B " + argument(term) + "\n" + escaped(text) + "\n";
  return *this;
}

ManPage& ManPage::example(std::string_view says, std::string_view typed) {
  text_ += ".PP\n" + escaped(says) + "\n.PP\n.RS 4\n.nf\n" + escaped(typed) + "\n.fi\n.RE\n";
  return *this;
}

ManPage& ManPage::see_also(const std::vector<std::string>& pages) {
  heading("See also");
  std::string list;
  for (const std::string& page : pages) list += (list.empty() ? "" : ", ") + page;
  text_ += escaped(list) + "\n";
  return *this;
}

std::vector<ManPage> man_pages(const CommandShape& program, const std::string& section,
                               const std::string& version) {
  std::vector<ManPage> out;
  ManPage page(program.name, section, program.about, version);
  page.heading("Synopsis")
      .paragraph(synopsis(program.name, program) + (program.verbs.empty() ? "" : " VERB ..."));
  page.heading("Description").paragraph(program.about);
  for (const std::string& paragraph : program.details) page.paragraph(paragraph);
  std::vector<std::string> others;
  if (!program.verbs.empty()) page.heading("Verbs");
  for (const CommandShape& verb : program.verbs) {
    if (verb.hidden) continue;
    page.entry(verb.name, verb.about);
    others.push_back(program.name + "-" + verb.name + "(" + section + ")");
    out.push_back(verb_page(program, verb, section, version));
  }
  page.heading("Options");
  add_options(page, program);
  add_rest(page, program);
  if (!others.empty()) page.see_also(others);
  out.insert(out.begin(), std::move(page));
  return out;
}

std::string write_pages(const std::vector<ManPage>& pages, const std::string& folder) {
  for (const ManPage& page : pages) {
    const std::string path = folder + "/" + page.file_name();
    std::FILE* file = std::fopen(path.c_str(), "wb");
    const bool written = file != nullptr && std::fwrite(page.text().data(), 1, page.text().size(),
                                                        file) == page.text().size();
    if ((file != nullptr && std::fclose(file) != 0) || !written) return path + " cannot be written";
  }
  return {};
}

}  // namespace xbus::common
