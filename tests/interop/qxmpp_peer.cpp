// QXmpp on the bus: `peer_qxmpp service|caller`, told by the PEER_ variables of peers.py.
#include <QXmppClient.h>
#include <QXmppConfiguration.h>
#include <QXmppInvokable.h>
#include <QXmppPresence.h>
#include <QXmppRpcIq.h>
#include <QXmppRpcManager.h>

#include <QCoreApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSslCertificate>
#include <cmath>

#include "tests/interop/told.hpp"

using xbus::interop::give_up;
using xbus::interop::say;
using xbus::interop::told;

// The library names an interface after its class.
class calc : public QXmppInvokable {  // NOLINT(readability-identifier-naming)
  Q_OBJECT

 public:
  bool isAuthorized(const QString&) const override { return true; }

 public Q_SLOTS:  // what a caller may reach
  int add(int a, int b) { return a + b; }
  QString concat(QString a, QString b) { return a + b; }
  int total(QVariantList numbers) {
    int sum = 0;
    for (const QVariant& number : numbers) sum += number.toInt();
    return sum;
  }
};

namespace {

QString text_of(const char* name) { return QString::fromStdString(told(name)); }

// JSON has one kind of number; a whole one is meant as an int.
QVariant value_of(const QJsonValue& json) {
  if (json.isDouble() && std::trunc(json.toDouble()) == json.toDouble()) return json.toInt();
  if (json.isArray()) {
    QVariantList values;
    for (const QJsonValue& inner : json.toArray()) values << value_of(inner);
    return values;
  }
  if (json.isObject()) {
    QVariantMap members;
    const QJsonObject object = json.toObject();
    for (auto member = object.begin(); member != object.end(); ++member) {
      members[member.key()] = value_of(member.value());
    }
    return members;
  }
  return json.toVariant();
}

void answer(const QJsonObject& object) {
  say("answer " + QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString());
}

QString condition_name(QXmppStanza::Error::Condition condition) {
  switch (condition) {
    case QXmppStanza::Error::ServiceUnavailable:
      return "service-unavailable";
    case QXmppStanza::Error::ItemNotFound:
      return "item-not-found";
    case QXmppStanza::Error::Forbidden:
      return "forbidden";
    default:
      return QString("condition %1 of QXmppStanza").arg(static_cast<int>(condition));
  }
}

// Sends the call by hand and lets the manager read what comes: its callRemoteMethod() takes the
// first value of a fault, which has none, and waits for ever where an error leaves out the copy of
// the request.
void call(QXmppClient& client, QXmppRpcManager& rpc) {
  QXmppRpcInvokeIq request;
  request.setTo(text_of("TO"));
  request.setMethod(text_of("METHOD"));
  request.setArguments(
      value_of(QJsonDocument::fromJson(QByteArray::fromStdString(told("ARGUMENTS"))).array())
          .toList());
  const QString id = request.id();
  QObject::connect(&rpc, &QXmppRpcManager::rpcCallResponse, [id](const QXmppRpcResponseIq& got) {
    if (got.id() != id) return;
    if (got.values().isEmpty()) {
      answer({{"fault", QJsonArray{got.faultCode(), got.faultString()}}});
    } else {
      answer({{"value", QJsonValue::fromVariant(got.values().first())}});
    }
    QCoreApplication::quit();
  });
  const auto refused = [id](const QXmppIq& error) {
    if (error.id() != id || error.type() != QXmppIq::Error) return;
    answer({{"error", condition_name(error.error().condition())}});
    QCoreApplication::quit();
  };
  QObject::connect(&rpc, &QXmppRpcManager::rpcCallError, refused);
  QObject::connect(&client, &QXmppClient::iqReceived, refused);
  client.sendPacket(request);
}

void serve(QXmppClient& client) {
  const QString address = text_of("REGISTER");
  if (address.isEmpty()) return say("ready " + client.configuration().jid().toStdString());
  QObject::connect(&client, &QXmppClient::presenceReceived,
                   [&client, address](const QXmppPresence& presence) {
                     if (presence.from().section('/', 0, 0) != address) return;
                     say(presence.type() == QXmppPresence::Available ? "registered available"
                                                                     : "registered not");
                     say("ready " + client.configuration().jid().toStdString());
                   });
  QXmppPresence presence;
  presence.setTo(address);
  client.sendPacket(presence);
}

}  // namespace

int main(int count, char** words) {
  QCoreApplication application(count, words);
  const std::string role = count > 1 ? words[1] : "";
  QXmppClient client;
  auto* rpc = new QXmppRpcManager;
  client.addExtension(rpc);
  calc interface;
  rpc->addInvokableInterface(&interface);

  QXmppConfiguration configuration;
  configuration.setJid(text_of("JID"));
  configuration.setPassword(text_of("PASSWORD"));
  configuration.setHost(text_of("HOST"));
  configuration.setPort(text_of("PORT").toInt());
  configuration.setStreamSecurityMode(QXmppConfiguration::TLSRequired);
  configuration.setCaCertificates(QSslCertificate::fromPath(text_of("CA_FILE")));
  configuration.setAutoReconnectionEnabled(false);

  QObject::connect(&client, &QXmppClient::error,
                   [](QXmppClient::Error error) { give_up("error " + std::to_string(error)); });
  QObject::connect(&client, &QXmppClient::connected, [&] {
    if (role == "service") return serve(client);
    call(client, *rpc);
  });
  client.connectToServer(configuration);
  return QCoreApplication::exec();
}

#include "qxmpp_peer.moc"
