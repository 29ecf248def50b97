#include "services/xbus/capture.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

#include "bus/limits.hpp"
#include "bus/server/tap_filter.hpp"
#include "bus/xml/element.hpp"

namespace xbus::cli {
namespace {

constexpr std::string_view end_tag = "</capture>\n";

// A stanza may be as deep as its server lets it, and stands two levels deeper here.
xml::ScanLimits capture_limits() {
  xml::ScanLimits limits;
  limits.stanza_bytes_max = limits::queue_bytes_per_connection_max;
  limits.attributes_max = limits::xml_attributes_max + limits::xml_attributes_stamped_max;
  limits.depth_max = limits::xml_depth_max + 2;
  return limits;
}

std::string_view why_of(xml::ScanError error) {
  switch (error) {
    case xml::ScanError::restricted_xml:
      return "a comment, processing instruction, DTD or entity";
    case xml::ScanError::unsupported_encoding:
      return "another encoding than UTF-8";
    case xml::ScanError::bad_utf8:
      return "not UTF-8";
    case xml::ScanError::too_big:
      return "an element is too large";
    case xml::ScanError::too_deep:
      return "an element is too deep, or has too many attributes";
    default:
      return "not well-formed XML";
  }
}

std::string text_of(const CaptureItem& item) {
  if (item.seen) return xml::write(xmpp::to_element(*item.seen), ns_capture);
  xml::Element element(item.instance ? "instance" : "missed", ns_capture);
  if (item.instance) {
    element.set("service", item.instance->service).set("jid", item.instance->jid.str());
  } else {
    element.set("stanzas", std::to_string(item.missed));
  }
  return xml::write(element, ns_capture);
}

CaptureItem without_payload(CaptureItem item) {
  xml::Element& stanza = item.seen->stanza;
  const xml::Element* payload = stanza.first_element();
  server::Omitted omitted{"too-large", payload == nullptr ? "" : payload->ns(),
                          payload == nullptr ? "" : payload->name()};
  stanza.nodes().clear();
  stanza.add(server::to_element(omitted));
  return item;
}

std::string trouble(const std::string& path, const char* what) {
  return path + " cannot be " + what + ": " + std::strerror(errno);
}

}  // namespace

// ---- Writing ----

Result<CaptureFile, std::string> CaptureFile::create(const std::string& path, std::string_view bus,
                                                     std::string_view account) {
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0) return Err{trouble(path, "written")};
  CaptureFile file(path, fd);
  struct stat found {};
  if (::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode))
    return Err{path + " is no file that could hold a capture"};
  // What others could read before, they shall not read from now on.
  if (::fchmod(fd, 0600) != 0 || ::ftruncate(fd, 0) != 0) return Err{trouble(path, "written")};
  std::string head = "<?xml version='1.0' encoding='UTF-8'?>\n<capture xmlns='" +
                     std::string(ns_capture) + "' version='1' from='";
  xml::escape_attribute(head, bus);
  head += "' to='";
  xml::escape_attribute(head, account);
  head += "'>";
  if (auto done = file.put(std::move(head)); !done) return Err{done.error()};
  return file;
}

CaptureFile::CaptureFile(CaptureFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), end_(other.end_) {}

CaptureFile::~CaptureFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void, std::string> CaptureFile::put(std::string text) {
  text += '\n';
  const size_t size = text.size();
  text += end_tag;
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t count =
        ::pwrite(fd_, text.data() + done, text.size() - done, static_cast<off_t>(end_ + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Err{trouble(path_, "written")};
    done += static_cast<size_t>(count);
  }
  end_ += size;
  return {};
}

Result<void, std::string> CaptureFile::add(const CaptureItem& item) {
  std::string text = text_of(item);
  if (item.seen && !xml::parse(text, ns_capture, capture_limits()))
    text = text_of(without_payload(item));
  return put(std::move(text));
}

// ---- Reading ----

CaptureReader::CaptureReader() : scanner_(capture_limits()) {}

CaptureReader::Step CaptureReader::bad(std::string why, size_t consumed) {
  error_ = std::move(why);
  return {Event::error, consumed};
}

bool CaptureReader::read(const xml::Element& element) {
  item_ = {};
  if (element.is("forwarded", xmpp::ns_forwarded)) {
    item_.seen = xmpp::forwarded_from(element);
    return item_.seen && item_.seen->delay;
  }
  if (element.element_count() != 0) return false;
  if (element.is("missed", ns_capture)) {
    const std::string_view text = element.attr_or("stanzas", {});
    const auto end = text.data() + text.size();
    const auto number = std::from_chars(text.data(), end, item_.missed);
    return number.ec == std::errc() && number.ptr == end && item_.missed != 0;
  }
  auto jid = xmpp::Jid::parse(element.attr_or("jid", {}));
  if (!element.is("instance", ns_capture) || !jid) return false;
  item_.instance = {std::string(element.attr_or("service", {})), std::move(*jid)};
  return !item_.instance->service.empty();
}

CaptureReader::Step CaptureReader::next(std::string_view window) {
  size_t consumed = 0;
  for (;;) {
    const auto step = scanner_.next(window.substr(consumed));
    // Where what the step is about begins.
    const size_t before = std::min(window.find_first_not_of(" \t\r\n", consumed), window.size());
    consumed += step.consumed;
    switch (step.event) {
      case xml::Scanner::Event::more:
        return {Event::more, consumed};
      case xml::Scanner::Event::error:
        if (ended_) return bad("something stands behind the end", before);
        return bad(std::string(why_of(scanner_.error())), before);
      case xml::Scanner::Event::header: {
        const xml::HeaderView& header = scanner_.header();
        if (header.name != "capture" || header.ns != ns_capture)
          return bad("no capture of xbus", before);
        if (header.version != "1")
          return bad("a capture of a version that is not known here", before);
        begun_ = true;
        continue;
      }
      case xml::Scanner::Event::stanza:
        if (read(xml::build(scanner_.stanza(), scanner_.header()))) return {Event::item, consumed};
        return bad("an element that no capture holds", before);
      case xml::Scanner::Event::close:
        ended_ = true;
        return {Event::end, consumed};
    }
  }
}

bool CaptureReader::finish() {
  if (ended_) return true;
  error_ = begun_ ? "it ends in the middle" : "no capture of xbus";
  return false;
}

Result<void, std::string> read_capture(const std::string& path,
                                       const std::function<bool(const CaptureItem&)>& take) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Err{trouble(path, "read")};
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } const closer{fd};
  CaptureReader reader;
  std::vector<char> buffer(64 * 1024);
  std::string window;
  uint64_t offset = 0;  // of the window
  const auto broken = [&](size_t at) {
    return Err{path + ":" + std::to_string(offset + at) + ": " + reader.error()};
  };
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Err{trouble(path, "read")};
    if (count == 0) break;
    window.append(buffer.data(), static_cast<size_t>(count));
    size_t at = 0;
    for (;;) {
      const auto step = reader.next(std::string_view(window).substr(at));
      at += step.consumed;
      if (step.event == CaptureReader::Event::error) return broken(at);
      if (step.event == CaptureReader::Event::item && !take(reader.item())) return {};
      if (step.event == CaptureReader::Event::more) break;
    }
    window.erase(0, at);
    offset += at;
  }
  if (!reader.finish()) return broken(window.size());
  return {};
}

}  // namespace xbus::cli
