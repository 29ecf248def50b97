// Scalars of XML-RPC as text: random values go through and come back.
#include "rpc/xmlrpc_text.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

namespace xbus::xmlrpc {
namespace {

TEST(XmlrpcText, doubles_come_back_as_they_went) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const std::string text = write_double(value);
    EXPECT_EQ(text.find_first_of("eE"), std::string::npos) << text;
    EXPECT_EQ(read_double(text), value) << text;
  }
}

TEST(XmlrpcText, times_come_back_as_they_went) {
  std::mt19937_64 random(2);
  const auto first = Timestamp(std::chrono::sys_days(std::chrono::year(1) / 1 / 1)).time_since_epoch().count();
  const auto last = Timestamp(std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)).time_since_epoch().count();
  std::uniform_int_distribution<int64_t> micros(first, last);
  for (int i = 0; i < 20'000; ++i) {
    const Timestamp time{std::chrono::microseconds(micros(random))};
    EXPECT_EQ(read_time(*write_time(time, Fraction::kept)), time);
    EXPECT_EQ(read_time(*write_time(time, Fraction::cut)), std::chrono::floor<std::chrono::seconds>(time));
  }
}

TEST(XmlrpcText, bytes_come_back_as_they_went) {
  for (size_t size = 0; size < 70; ++size) {
    Bytes bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 37);
    EXPECT_EQ(read_bytes(write_bytes(bytes)), bytes);
  }
}

TEST(XmlrpcText, RPC_10_the_characters_of_method_names) {
  for (int c = 0; c < 256; ++c) {
    const std::string name(1, static_cast<char>(c));
    const bool good = c != 0 && std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:/")
                                        .find(static_cast<char>(c)) != std::string_view::npos;
    EXPECT_EQ(is_method_name(name), good) << c;
  }
  EXPECT_FALSE(is_method_name(""));
}

}  // namespace
}  // namespace xbus::xmlrpc
