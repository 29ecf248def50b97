#include <nlohmann/json.hpp>

#include <array>
#include <string_view>
#include <type_traits>
#include <utility>

#include "bus/limits.hpp"
#include "rpc/json.hpp"
#include "rpc/printable.hpp"

namespace xbus {
namespace {

// The beginning of what was read, so that a long text does not fill a message.
std::string shown(const std::string& text) {
  constexpr size_t most = 40;
  return printable(text.substr(0, most)) + (text.size() > most ? "..." : "");
}

// What the library says, in words for who wrote the text; `token` is what it read last.
std::string in_plain_words(std::string_view said, const std::string& token) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> known = {{
      {"unexpected end of input", "it ends before it is complete"},
      {"missing closing quote", "a string does not end"},
      {"ill-formed UTF-8", "a string is not UTF-8"},
      {"control character", "a string holds a control character, which JSON writes as \\n or \\u0000"},
      {"surrogate", "a string has half of a pair of \\u"},
      {"4 hex digits", "a string has a \\u without four hexadecimal digits"},
      {"after backslash", "a string has a backslash before what is no escape"},
      {"invalid number", "a number ends before it is complete"},
  }};
  // What it read is quoted at the end and could say anything.
  said = said.substr(0, said.find("; last read"));
  for (const auto& [part, words] : known)
    if (said.find(part) != said.npos) return std::string(words);
  if (said.find("overflow") != said.npos) return shown(token) + " is beyond the range of a double";
  if (said.find("invalid literal") != said.npos) return "\"" + shown(token) + "\" is no value";
  return "\"" + shown(token) + "\" stands where it cannot";
}

// Builds the Value from the parser's events; returning false ends the parse.
class Builder {
 public:
  using Json = nlohmann::json;

  bool null() { return add({}); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(Json::number_integer_t value) { return add(whole(value)); }
  bool number_unsigned(Json::number_unsigned_t value) {
    if (value > INT64_MAX) return out_of_range(std::to_string(value));
    return add(whole(static_cast<int64_t>(value)));
  }
  // The parser gives whole numbers here too when no integer of its own holds them.
  bool number_float(Json::number_float_t value, const Json::string_t& text) {
    if (text.find_first_of(".eE") == std::string::npos) return out_of_range(text);
    return add(value);
  }
  bool string(Json::string_t& value) { return add(std::move(value)); }
  bool binary(Json::binary_t&) { return fail("binary"); }
  bool start_object(size_t) { return open(Value::Struct{}); }
  bool start_array(size_t) { return open(Value::Array{}); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(Json::string_t& name) {
    if (open_.back().value.find(name) != nullptr) return fail("a name stands twice: " + name);
    open_.back().name = std::move(name);
    return true;
  }
  template <class E>
  bool parse_error(size_t at, const std::string& token, const E& error) {
    // Beyond double too.
    if (std::is_same_v<E, Json::out_of_range> && token.find_first_of(".eE") == std::string::npos)
      return out_of_range(token);
    error_ = {in_plain_words(error.what(), token), at, false};
    return false;
  }

  Value& result() { return result_; }
  JsonError& error() { return error_; }

 private:
  struct Level {
    Value value;
    std::string name;  // of the member that comes next
  };

  static Value whole(int64_t value) {
    if (value >= INT32_MIN && value <= INT32_MAX) return static_cast<int32_t>(value);
    return value;
  }
  bool out_of_range(const std::string& number) {
    error_.range = true;
    return fail(shown(number) + " is out of range: whole numbers are from " + std::to_string(INT64_MIN) + " to " +
                std::to_string(INT64_MAX));
  }
  bool fail(std::string what) {
    error_.what = std::move(what);
    return false;
  }
  bool open(Value value) {
    if (open_.size() >= limits::value_depth_max) return fail("nested too deeply");
    open_.push_back({std::move(value), {}});
    return true;
  }
  bool close() {
    Value done = std::move(open_.back().value);
    open_.pop_back();
    return add(std::move(done));
  }
  bool add(Value value) {
    if (open_.empty()) {
      result_ = std::move(value);
    } else if (auto* array = open_.back().value.get_if<Value::Array>()) {
      array->push_back(std::move(value));
    } else {
      open_.back().value.get_if<Value::Struct>()->push_back({open_.back().name, std::move(value)});
    }
    return true;
  }

  std::vector<Level> open_;
  Value result_;
  JsonError error_;
};

}  // namespace

Result<Value, JsonError> json_value(std::string_view text) {
  Builder builder;
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
    return std::move(builder.result());
  return Err{std::move(builder.error())};
}

}  // namespace xbus
