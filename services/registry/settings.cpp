#include "services/registry/settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace xbus::registry_program {

namespace {

Result<std::vector<xmpp::Jid>, std::string> admins_of(const Settings& settings,
                                                      const std::string& bus_domain) {
  std::vector<xmpp::Jid> out;
  for (const std::string& admin : settings.admins) {
    const bool local = admin.find('@') == std::string::npos;
    auto jid = local ? xmpp::Jid::make(admin, bus_domain) : xmpp::Jid::parse(admin);
    if (!jid) return Err{"--admin " + admin + ": this is no JID"};
    out.push_back(jid->bare());
  }
  return out;
}

// A pattern of its own is for all services, NAME=PATTERN for one.
Result<void, std::string> sort(const char* option, const std::vector<std::string>& given,
                               std::vector<std::string>& all, registry::CallerPolicy::Lists& names) {
  for (const std::string& text : given) {
    const size_t equals = text.find('=');
    const std::string pattern = equals == text.npos ? text : text.substr(equals + 1);
    if (!registry::CallerPolicy::right_pattern(pattern) || equals == 0)
      return Err{std::string(option) + " " + text + ": write [NAME=][LOCAL@]DOMAIN[/RESOURCE]"};
    (equals == text.npos ? all : names[text.substr(0, equals)]).push_back(pattern);
  }
  return {};
}

Result<registry::CallerPolicy, std::string> callers_of(const Settings& settings) {
  registry::CallerPolicy::Written written;
  auto sorted = sort("--caller", settings.callers, written.callers, written.name_callers);
  if (sorted)
    sorted = sort("--strict-caller", settings.strict_callers, written.strict_callers,
                  written.name_strict_callers);
  if (!sorted) return Err{sorted.error()};
  return registry::CallerPolicy::read(written);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

Result<Parts, std::string> parts_of(const Settings& settings, std::string secret) {
  const auto domain = xmpp::Jid::parse(settings.domain);
  if (!domain || !domain->is_domain())
    return Err{"--domain " + settings.domain + ": this is no domain"};
  std::string bus_domain = settings.bus_domain;
  if (bus_domain.empty()) bus_domain = settings.domain.substr(settings.domain.find('.') + 1);
  const auto bus = xmpp::Jid::parse(bus_domain);
  if (!bus || !bus->is_domain()) return Err{"--bus-domain " + bus_domain + ": this is no domain"};
  if (secret.empty())
    return Err{
        std::string("no secret: name a file with --secret-file, or set XBUS_COMPONENT_SECRET")};

  Parts parts;
  parts.connection.address = settings.server;
  parts.connection.domain = std::string(domain->domain());
  parts.connection.component_secret = std::move(secret);
  parts.connection.ca_file = settings.ca;
  parts.connection.pin = settings.pin;

  registry::RegistryOptions& options = parts.registry;
  options.domain = std::string(domain->domain());
  options.names.bus_domain = std::string(bus->domain());
  options.names.claim =
      settings.claim == "first" ? registry::Claim::first : registry::Claim::policy;
  for (const std::string& given : settings.given) {
    const size_t equals = given.find('=');
    const auto owner = xmpp::Jid::parse(equals == given.npos ? "" : given.substr(equals + 1));
    if (!owner || equals == 0) return Err{"--give " + given + ": write NAME=JID"};
    options.names.given.emplace_back(given.substr(0, equals), owner->bare());
  }
  auto admins = admins_of(settings, options.names.bus_domain);
  if (!admins) return Err{admins.error()};
  options.is_admin = [admins = *admins](const xmpp::Jid& jid) {
    return std::find(admins.begin(), admins.end(), jid.bare()) != admins.end();
  };
  auto callers = callers_of(settings);
  if (!callers) return Err{callers.error()};
  options.callers = std::move(*callers);
  return parts;
}

Result<std::string, std::string> data_file(const Settings& settings) {
  if (!settings.data.empty()) return settings.data;
  std::filesystem::path folder = environment("STATE_DIRECTORY");
  if (folder.empty()) {
    folder = environment("XDG_STATE_HOME");
    if (folder.empty()) folder = std::filesystem::path(environment("HOME")) / ".local/state";
    folder /= "xbus";
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Err{"cannot make " + folder.string() + ": " + error.message()};
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return (folder / "registry.db").string();
}

}  // namespace xbus::registry_program
