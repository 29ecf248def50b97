#include <map>
#include <string>
#include <xbus/xbus.hpp>

int main() {
  std::map<std::string, int> shelves;
  xbus::Service stock("stock");
  auto put = [&](std::string item, int count) { return shelves[item] += count; };
  auto take = [&](std::string item, int count) {
    if (count > shelves[item])
      throw xbus::Fault(xbus::Fault::Kind::invalid, "so many " + item + "s are not there");
    return shelves[item] -= count;
  };
  stock.method("put", {"item", "count"}, put)
      .doc("Puts so many of an item on its shelf; answers how many are there.");
  stock.method("take", {"item", "count"}, take)
      .doc("Takes so many of an item from its shelf; answers how many are left.");
  return xbus::run(stock);
}
