#include "adapters/atom/dates.hpp"

#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "bus/xml/chars.hpp"
#include "bus/xmpp/datetime.hpp"

namespace xbus::atom {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t i = 0; i < text.size() && words.size() < 8;) {
    if (xml::chars::is_space(text[i]) || text[i] == ',') {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && !xml::chars::is_space(text[end]) && text[end] != ',') ++end;
    words.push_back(text.substr(i, end - i));
    i = end;
  }
  return words;
}

// Digits alone, so many.
std::optional<int> number(std::string_view text, size_t least, size_t most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.size() < least || text.size() > most ||
      text[0] == '-')
    return std::nullopt;
  return value;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::optional<unsigned> month_of(std::string_view word) {
  constexpr std::string_view names = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (word.size() < 3) return std::nullopt;
  const size_t at = names.find(lower(word.substr(0, 3)));
  if (at == names.npos || at % 3 != 0) return std::nullopt;
  return static_cast<unsigned>(at / 3 + 1);
}

// Minutes ahead of UTC. RFC 822 section 5; letters of the military zones are wrong there in sign, so they count as UTC
// (RFC 2822 section 4.3), and so does a zone that nobody knows.
int zone_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, int>, 10> names = {{
      {"edt", -240},
      {"est", -300},
      {"cdt", -300},
      {"cst", -360},
      {"mdt", -360},
      {"mst", -420},
      {"pdt", -420},
      {"pst", -480},
      {"cest", 120},
      {"cet", 60},
  }};
  if (word.size() >= 5 && (word[0] == '+' || word[0] == '-')) {
    const auto hours = number(word.substr(1, 2), 2, 2);
    const auto minutes = number(word.substr(word.size() - 2), 2, 2);
    if (!hours || !minutes || *hours > 14 || *minutes > 59) return 0;
    return (*hours * 60 + *minutes) * (word[0] == '-' ? -1 : 1);
  }
  for (const auto& [name, ahead] : names)
    if (name == lower(word)) return ahead;
  return 0;
}

std::optional<std::chrono::seconds> time_of(std::string_view word) {
  std::array<int, 3> parts{};
  size_t count = 0;
  for (; count < 3 && !word.empty(); ++count) {
    const size_t colon = word.find(':');
    const auto part = number(word.substr(0, colon), 1, 2);
    if (!part) return std::nullopt;
    parts[count] = *part;
    word = colon == word.npos ? std::string_view() : word.substr(colon + 1);
  }
  if (count < 2 || !word.empty() || parts[0] > 23 || parts[1] > 59 || parts[2] > 60) return std::nullopt;
  return std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) + std::chrono::seconds(parts[2]);
}

// [Wed,] 02 Oct 2002 [13:00[:00] [GMT]]
std::optional<Timestamp> rfc822(std::string_view text) {
  auto words = words_of(text);
  if (!words.empty() && !number(words[0], 1, 2)) words.erase(words.begin());
  if (words.size() < 3) return std::nullopt;
  const auto day = number(words[0], 1, 2);
  const auto month = month_of(words[1]);
  auto year = number(words[2], 2, 4);
  if (!day || !month || !year) return std::nullopt;
  if (words[2].size() < 4) *year += *year < 50 ? 2000 : 1900;  // RFC 2822 section 4.3
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  std::chrono::seconds time{};
  if (words.size() > 3) {
    const auto found = time_of(words[3]);
    if (!found) return std::nullopt;
    time = *found;
  }
  const int zone = words.size() > 4 ? zone_of(words[4]) : 0;
  return Timestamp(std::chrono::sys_days(date) + time - std::chrono::minutes(zone));
}

// A date and a time without seconds, or without a zone.
std::optional<Timestamp> w3c(std::string_view text) {
  const size_t t = text.find_first_of("T ");
  std::string day(text.substr(0, t));
  if (day.size() == 4) day += "-01";
  if (day.size() == 7) day += "-01";
  if (day.size() != 10) return std::nullopt;
  if (t == text.npos) return xmpp::parse_datetime(day + "T00:00:00Z");
  const std::string_view rest = text.substr(t + 1);
  const size_t zone = rest.find_first_of("Z+-");
  std::string time(rest.substr(0, zone));
  if (time.size() == 5) time += ":00";
  return xmpp::parse_datetime(day + "T" + time + (zone == rest.npos ? "Z" : std::string(rest.substr(zone))));
}

}  // namespace

std::optional<Timestamp> parse_date(std::string_view text) {
  while (!text.empty() && xml::chars::is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && xml::chars::is_space(text.back())) text.remove_suffix(1);
  if (text.empty() || text.size() > 64) return std::nullopt;
  if (const auto time = xmpp::parse_datetime(text)) return time;
  if (const auto time = w3c(text)) return time;
  return rfc822(text);
}

}  // namespace xbus::atom
