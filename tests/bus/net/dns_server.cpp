#include "tests/bus/net/dns_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "bus/net/socket.hpp"

namespace xbus::net {

namespace {

constexpr uint16_t type_a = 1, type_aaaa = 28, type_srv = 33;

void put16(std::string& out, size_t value) {
  out += char(value >> 8 & 0xff);
  out += char(value & 0xff);
}

uint16_t take16(std::string_view bytes, size_t at) {
  return uint16_t(uint16_t(uint8_t(bytes[at])) << 8 | uint8_t(bytes[at + 1]));
}

}  // namespace

DnsServer::DnsServer(IoLoop& loop)
    : loop_(loop), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  auto any = *SocketAddress::ip("127.0.0.1", 0);
  EXPECT_EQ(::bind(socket_.get(), any.native(), any.size), 0);
  EXPECT_TRUE(loop_.watch(socket_.get(), *this, IoLoop::readable));
}

DnsServer::~DnsServer() { loop_.unwatch(socket_.get(), *this); }

std::string DnsServer::address() const {
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound.storage), &bound.size);
  return bound.text();
}

std::string DnsServer::labels(std::string_view name) {
  std::string out;
  while (!name.empty() && name != ".") {
    auto dot = std::min(name.find('.'), name.size());
    out += char(dot);
    out += name.substr(0, dot);
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  out += '\0';
  return out;
}

void DnsServer::add_srv(const std::string& name, uint16_t priority, uint16_t weight, uint16_t port,
                        const std::string& host) {
  std::string data;
  put16(data, priority);
  put16(data, weight);
  put16(data, port);
  records_[{name, type_srv}].push_back(data + labels(host));
}

void DnsServer::add_a(const std::string& name, const std::string& address) {
  std::string data(4, '\0');
  ASSERT_EQ(inet_pton(AF_INET, address.c_str(), data.data()), 1);
  records_[{name, type_a}].push_back(data);
}

void DnsServer::add_aaaa(const std::string& name, const std::string& address) {
  std::string data(16, '\0');
  ASSERT_EQ(inet_pton(AF_INET6, address.c_str(), data.data()), 1);
  records_[{name, type_aaaa}].push_back(data);
}

void DnsServer::on_ready(uint32_t) {
  std::array<char, 1500> buffer;
  SocketAddress from;
  from.size = sizeof from.storage;
  auto size = ::recvfrom(socket_.get(), buffer.data(), buffer.size(), 0,
                         reinterpret_cast<sockaddr*>(&from.storage), &from.size);
  if (size < 17) return;
  ++queries;
  auto bytes = answer({buffer.data(), size_t(size)});
  if (garble_) bytes = garble_(bytes);
  ::sendto(socket_.get(), bytes.data(), bytes.size(), 0, from.native(), from.size);
}

std::string DnsServer::answer(std::string_view query) {
  std::string name;
  size_t at = 12;
  while (at < query.size() && query[at] != 0) {
    auto length = size_t(query[at]);
    if (!name.empty()) name += '.';
    name += query.substr(at + 1, length);
    at += length + 1;
  }
  auto type = take16(query, at + 1);
  auto question = query.substr(12, at + 5 - 12);
  auto known = false;
  for (auto& [key, data] : records_) known = known || key.first == name;
  auto found = records_.find({name, type});
  auto count = found == records_.end() ? size_t(0) : found->second.size();
  std::string out(query.substr(0, 2));
  put16(out, 0x8180u | (failing_.count(name) ? 2u : known ? 0u : 3u));
  put16(out, 1);
  put16(out, count);
  put16(out, 0);
  put16(out, 0);
  out += question;
  for (size_t i = 0; i < count; ++i) {
    put16(out, 0xc00c);  // the name of the question
    put16(out, type);
    put16(out, 1);
    put16(out, 0);
    put16(out, 60);
    put16(out, found->second[i].size());
    out += found->second[i];
  }
  return out;
}

}  // namespace xbus::net
