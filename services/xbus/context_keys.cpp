#include "services/xbus/context_keys.hpp"

#include <cctype>

#include "bus/net/address.hpp"
#include "services/common/key_shape.hpp"

namespace xbus::cli {

namespace {

std::string wrong_bus(const std::string& value) {
  const auto address = net::parse_address(value);
  return address ? "" : address.error() + "; write " + common::bus_address_forms;
}

std::string wrong_pin(const std::string& value) {
  size_t digits = 0;
  for (const char c : value) {
    if (c == ':') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) digits = 64;  // so that it is one too many
    ++digits;
  }
  return value.empty() || digits == 64 ? "" : "a pin is 64 hexadecimal digits (SHA-256)";
}

}  // namespace

std::vector<ContextKey> context_keys() {
  return {
      {"bus",
       "Where the bus is, as --bus takes it: xmpp://HOST[:PORT], xmpps://HOST[:PORT], unix:PATH. "
       "It must be there.",
       &Context::bus, false, false, wrong_bus},
      {"account", "Who logs in. Empty: whom the kernel or the address names.",
       &Credentials::account},
      {"password_file",
       "File with the account's password, which only its owner can read. No password stands in "
       "this file.",
       &Credentials::password_file, true, true},
      {"ca",
       "PEM file: who vouches for the bus's certificate, in place of the system's authorities.",
       &Context::ca, true},
      {"pin", "SHA-256 fingerprint of the bus's certificate or authority, in place of `ca`.",
       &Context::pin, false, false, wrong_pin},
      {"certificate", "PEM file: a certificate of the account's own, in place of a password.",
       &Credentials::certificate, true, true},
      {"key", "PEM file: the key of that certificate.", &Credentials::key, true, true},
  };
}

common::ManPage contexts_page(const std::string& version) {
  common::ManPage page("xbus-config.toml", "5", "named buses of xbus", version);
  page.heading("Synopsis")
      .paragraph("$XDG_CONFIG_HOME/xbus/config.toml, else ~/.config/xbus/config.toml");
  page.heading("Description")
      .paragraph(
          "A TOML file of contexts. A context names a bus and how to log in to it; xbus --context "
          "NAME takes it. "
          "Paths of files begin beside this file, unless they begin with / or ~/. A key that is "
          "not known is an error "
          "that names file and line.")
      .paragraph(
          "Where the bus is: --bus or --context, else $XBUS_BUS, else the default context, else "
          "the per-user bus, "
          "else the system's. Each other option given wins over the context.");
  common::KeyGroup context{"Keys of [context.NAME]", {}};
  common::KeyGroup login{"Keys of [context.NAME.as.ACCOUNT]", {}};
  for (const ContextKey& key : context_keys()) {
    common::KeyShape shape{
        .name = key.name, .type = key.path ? "path of a file" : "string", .about = key.about};
    context.keys.push_back(shape);
    if (key.login) login.keys.push_back(shape);
  }
  common::add_keys(
      page,
      {{"Keys above the tables",
        {{.name = "default",
          .type = "string",
          .about = "The context that counts where neither an option nor $XBUS_BUS says another."}}},
       context,
       login});
  page.paragraph("What --as ACCOUNT logs in with.");
  page.heading("Examples")
      .example("Two buses, one of them as two accounts:",
               "default = \"work\"\n\n[context.work]\nbus = \"xmpps://bus.example.org\"\n"
               "account = \"alice\"\npassword_file = \"work.password\"\nca = \"work-ca.pem\"\n\n"
               "[context.work.as.operator]\npassword_file = \"operator.password\"\n\n"
               "[context.lab]\nbus = \"unix:/run/lab/socket\"");
  return page.see_also({"xbus(1)", "xbus-context(1)"});
}

}  // namespace xbus::cli
