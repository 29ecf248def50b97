// A service: a name, a method, and the bus does the rest.
#include <xbus/xbus.hpp>

int main() {
  xbus::Service calc("calc");
  calc.method("add", {"a", "b"}, [](int a, int b) { return a + b; }).doc("Adds two integers.").idempotent();
  return xbus::run(calc);
}
