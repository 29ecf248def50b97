#include "services/xbus/server_usage.hpp"

#include <dirent.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>

namespace xbus::cli {
namespace {

// The fields of /proc/PID/stat behind the name, which may hold anything.
struct Stat {
  int parent = 0;
  uint64_t ticks = 0, pages = 0;
};

std::optional<Stat> stat_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text, '\0') || text.rfind(')') == std::string::npos) return {};
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::vector<std::string> words;
  for (std::string word; fields >> word;) words.push_back(word);
  if (words.size() < 22 || words[0] == "Z") return {};
  const auto number = [&](size_t i) { return std::strtoull(words[i].c_str(), nullptr, 10); };
  return Stat{static_cast<int>(number(1)), number(11) + number(12), number(21)};
}

}  // namespace

std::vector<int> process_tree(const std::vector<int>& pids) {
  std::multimap<int, int> children;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    const int pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    if (const auto found = stat_of(pid)) children.emplace(found->parent, pid);
  }
  std::vector<int> tree;
  std::set<int> seen;
  std::vector<int> open(pids.rbegin(), pids.rend());
  while (!open.empty()) {
    const int pid = open.back();
    open.pop_back();
    if (!stat_of(pid) || !seen.insert(pid).second) continue;
    tree.push_back(pid);
    const auto [begin, end] = children.equal_range(pid);
    for (auto it = begin; it != end; ++it) open.push_back(it->second);
  }
  return tree;
}

std::optional<Usage> usage_of(const std::vector<int>& pids) {
  const auto ticks = static_cast<uint64_t>(::sysconf(_SC_CLK_TCK));
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  Usage sum;
  for (const int pid : pids) {
    const auto found = stat_of(pid);
    if (!found) return {};
    sum.cpu += std::chrono::nanoseconds(found->ticks * (1'000'000'000 / ticks));
    sum.resident_bytes += found->pages * page;
  }
  return sum;
}

}  // namespace xbus::cli
