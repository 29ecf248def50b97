// A program of somebody else's: what an installed xbus must be enough for.
#include <cstdio>

#include "rpc/value.hpp"

int main() {
  const xbus::Value five = 2 + 3;
  std::printf("2 + 3 = %d\n", *five.get_if<int32_t>());
}
