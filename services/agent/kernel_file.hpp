// A small file of /proc or /sys, read whole: the kernel's answer to one question.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/limits.hpp"
#include "bus/result.hpp"

namespace xbus::agent {

// Why a question to the kernel has no answer: the file or socket is not there or not ours, or it
// says what we cannot read.
enum class KernelError { unreadable, malformed };

// Reads a file to its end, at most `bytes_max` of it (what lies beyond is left out).
Result<std::string, KernelError> kernel_file(const std::string& path,
                                             size_t bytes_max = limits::kernel_file_bytes_max);

// The fields of a line, between spaces and tabs; views into `line`.
std::vector<std::string_view> fields(std::string_view line);

// Takes the next line off `text` (without its line feed); nothing when text is empty.
std::optional<std::string_view> next_line(std::string_view* text);

// Reads a whole decimal number; nothing where there is anything else or it does not fit. An
// unsigned number above INT64_MAX reads as INT64_MAX: a counter is rather late than negative.
std::optional<int64_t> whole_number(std::string_view text);
std::optional<double> real_number(std::string_view text);

}  // namespace xbus::agent
