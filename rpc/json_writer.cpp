#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "bus/crypto/base64.hpp"
#include "rpc/json.hpp"
#include "rpc/printable.hpp"

namespace xbus {
namespace {

void append_unit(std::string& out, uint32_t unit) {
  constexpr char digits[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(unit >> shift) & 15];
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const char32_t c = next_character(text, &at);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == not_utf8) {
      out += "\\ufffd";
    } else if (!is_hidden(c)) {
      out.append(text.substr(start, at - start));
    } else if (c < 0x10000) {
      append_unit(out, c);
    } else {
      append_unit(out, 0xD800 + ((c - 0x10000) >> 10));
      append_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  out += '"';
}

void append_real(std::string& out, double value) {
  if (!std::isfinite(value)) {  // JSON has no word for it
    out += "null";
    return;
  }
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  const std::string_view written(text.data(), static_cast<size_t>(end - text.data()));
  out += written;
  if (written.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_digits(std::string& out, unsigned value, int digits) {
  for (unsigned unit = digits == 6 ? 100'000 : digits == 4 ? 1000 : 10; unit > 0; unit /= 10)
    out += static_cast<char>('0' + value / unit % 10);
}

class Writer {
 public:
  explicit Writer(JsonLayout layout) : layout_(layout) {}

  void write(const Value& value) {
    switch (value.type()) {
      case Value::Type::nil:
        out_ += "null";
        break;
      case Value::Type::boolean:
        out_ += *value.get_if<bool>() ? "true" : "false";
        break;
      case Value::Type::int32:
        out_ += std::to_string(*value.get_if<int32_t>());
        break;
      case Value::Type::int64:
        out_ += std::to_string(*value.get_if<int64_t>());
        break;
      case Value::Type::real:
        append_real(out_, *value.get_if<double>());
        break;
      case Value::Type::string:
        append_quoted(out_, *value.get_if<std::string>());
        break;
      case Value::Type::bytes: {
        const Bytes& bytes = *value.get_if<Bytes>();
        append_quoted(out_, crypto::base64_encode(
                                {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
        break;
      }
      case Value::Type::timestamp:
        append_quoted(out_, time_text(*value.get_if<Timestamp>()));
        break;
      case Value::Type::array:
        write_array(*value.get_if<Value::Array>());
        break;
      case Value::Type::structure:
        write_object(*value.get_if<Value::Struct>());
        break;
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void write_array(const Value::Array& items) {
    open('[');
    for (const Value& item : items) {
      separate(&item == items.data());
      write(item);
    }
    close(']', items.empty());
  }

  void write_object(const Value::Struct& members) {
    open('{');
    for (const Value::Member& member : members) {
      separate(&member == members.data());
      append_quoted(out_, member.name);
      out_ += layout_ == JsonLayout::indented ? ": " : ":";
      write(member.value);
    }
    close('}', members.empty());
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  void separate(bool first) {
    if (!first) out_ += ',';
    line();
  }
  void close(char bracket, bool empty) {
    --depth_;
    if (!empty) line();
    out_ += bracket;
  }
  void line() {
    if (layout_ == JsonLayout::compact) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  JsonLayout layout_;
  std::string out_;
  size_t depth_ = 0;
};

}  // namespace

std::string json_text(const Value& value, JsonLayout layout) {
  Writer writer(layout);
  writer.write(value);
  return writer.take();
}

std::string time_text(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const auto microseconds = clock.subseconds().count();
  std::string out;
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  append_digits(out += '-', static_cast<unsigned>(date.month()), 2);
  append_digits(out += '-', static_cast<unsigned>(date.day()), 2);
  append_digits(out += 'T', static_cast<unsigned>(clock.hours().count()), 2);
  append_digits(out += ':', static_cast<unsigned>(clock.minutes().count()), 2);
  append_digits(out += ':', static_cast<unsigned>(clock.seconds().count()), 2);
  if (microseconds != 0) append_digits(out += '.', static_cast<unsigned>(microseconds), 6);
  return out += 'Z';
}

std::string json_quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

}  // namespace xbus
