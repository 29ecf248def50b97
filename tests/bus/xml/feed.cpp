#include "tests/bus/xml/feed.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace xbus::xml {
namespace {

std::string name_of(ScanError e) {
  switch (e) {
    case ScanError::none:
      return "none";
    case ScanError::not_well_formed:
      return "not_well_formed";
    case ScanError::restricted_xml:
      return "restricted_xml";
    case ScanError::unsupported_encoding:
      return "unsupported_encoding";
    case ScanError::bad_utf8:
      return "bad_utf8";
    case ScanError::too_big:
      return "too_big";
    case ScanError::too_deep:
      return "too_deep";
  }
  return "?";
}

std::string describe(const HeaderView& h) {
  std::string s = "header " + h.name + " {" + h.ns + "} content=" + h.content_ns;
  const auto part = [&s](const char* name, bool has, const std::string& value) {
    if (has) s += std::string(" ") + name + "=" + value;
  };
  part("to", h.has_to, h.to);
  part("from", h.has_from, h.from);
  part("id", h.has_id, h.id);
  part("version", h.has_version, h.version);
  part("lang", h.has_lang, h.lang);
  for (const auto& p : h.prefixes) s += " xmlns:" + p.name + "=" + p.uri;
  return s;
}

std::string describe(const StanzaView& v, const HeaderView& header) {
  constexpr const char* kinds[] = {"iq", "message", "presence", "other"};
  std::string s = std::string("stanza ") + kinds[static_cast<size_t>(v.kind)] + " " +
                  std::string(v.name) + " {" + std::string(v.ns) + "}";
  const auto part = [&](const char* name, const AttributeView& a) {
    if (!a.present()) return;
    s += std::string(" ") + name + "=" + std::string(a.value);
    EXPECT_LT(a.begin, a.end);
    EXPECT_EQ(v.bytes.data() + a.end, a.value.data() + a.value.size() + 1);
    s += "@" + std::to_string(a.begin) + "-" + std::to_string(a.end);
  };
  part("to", v.to);
  part("from", v.from);
  part("id", v.id);
  part("type", v.type);
  part("lang", v.lang);
  part("xmlns", v.xmlns);
  if (v.children)
    s += " payload=" + std::string(v.payload_name) + "{" + std::string(v.payload_ns) + "}";
  s += " children=" + std::to_string(v.children) + " name_end=" + std::to_string(v.name_end);
  s += " prefixes=" + std::to_string(v.header_prefixes);
  s += v.plain ? " plain" : "";
  s += v.neutral ? " neutral" : "";
  return s + " tree=" + write(build(v, header)) + " bytes=" + std::string(v.bytes);
}

}  // namespace

std::vector<std::string> feed(const std::vector<std::string_view>& pieces,
                              const ScanLimits& limits) {
  std::vector<std::string> lines;
  Scanner scanner(limits);
  std::string kept;
  for (const std::string_view piece : pieces) {
    kept += piece;
    // An exact allocation a window, so that a sanitizer sees any read behind it.
    const auto window = std::make_unique<char[]>(kept.size());
    std::copy(kept.begin(), kept.end(), window.get());
    size_t at = 0;
    for (bool more = false; !more;) {
      const Scanner::Step step = scanner.next({window.get() + at, kept.size() - at});
      at += step.consumed;
      switch (step.event) {
        case Scanner::Event::more:
          more = true;
          break;
        case Scanner::Event::header:
          lines.push_back(describe(scanner.header()));
          break;
        case Scanner::Event::stanza:
          lines.push_back(describe(scanner.stanza(), scanner.header()));
          break;
        case Scanner::Event::close:
          lines.push_back("close");
          break;
        case Scanner::Event::error:
          lines.push_back("error " + name_of(scanner.error()));
          return lines;
      }
    }
    kept.erase(0, at);
  }
  lines.push_back("more");
  return lines;
}

std::vector<std::string> feed_whole(std::string_view input, const ScanLimits& limits) {
  return feed({input}, limits);
}

std::vector<std::string> feed_bytes(std::string_view input, const ScanLimits& limits) {
  std::vector<std::string_view> pieces;
  for (size_t i = 0; i < input.size(); ++i) pieces.push_back(input.substr(i, 1));
  return feed(pieces, limits);
}

std::vector<std::string> feed_every_way(std::string_view input, const ScanLimits& limits) {
  const auto whole = feed_whole(input, limits);
  EXPECT_EQ(feed_bytes(input, limits), whole) << input;
  for (size_t cut = 1; cut < input.size(); ++cut) {
    const auto split = feed({input.substr(0, cut), input.substr(cut)}, limits);
    EXPECT_EQ(split, whole) << "cut at " << cut << " of: " << input;
    if (split != whole) break;
  }
  return whole;
}

std::string error_of(const std::vector<std::string>& lines) {
  constexpr std::string_view error = "error ";
  return !lines.empty() && lines.back().starts_with(error) ? lines.back().substr(error.size())
                                                           : "none";
}

}  // namespace xbus::xml
