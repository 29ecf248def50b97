# xmpp4r on the bus: `xmpp4r_peer.rb service|caller`, told by the PEER_ variables of peers.py.
require 'json'
require_relative '../../examples/xmpp4r_today'
require 'xmpp4r/rpc'

$stdout.sync = true

def told(name)
  ENV.fetch("PEER_#{name}", '')
end

# Logs in over STARTTLS with the library's own mechanisms. The library offers no check of the name; the chain is checked against the play's CA.
def login
  client = Jabber::Client.new(Jabber::JID.new(told('JID')))
  client.ssl_capath = told('CA_FOLDER')
  client.connect(told('HOST'), told('PORT').to_i)
  abort 'failed not under TLS' unless client.is_tls?
  client.auth(told('PASSWORD'))
  client.send(Jabber::Presence.new)
  client
end

def service(client)
  server = Jabber::RPC::Server.new(client)
  server.add_handler('calc.add') { |a, b| a + b }
  server.add_handler('calc.concat') { |a, b| a + b }
  server.add_handler('calc.total') { |numbers| numbers.sum }
  server.add_handler('calc.echo') { |value| value }
  server.add_handler('calc.fail') { raise XMLRPC::FaultException.new(42, 'no') }
  register(client) unless told('REGISTER').empty?
  puts "ready #{client.jid}"
  sleep
end

def register(client)
  answered = Queue.new
  address = Jabber::JID.new(told('REGISTER'))
  client.add_presence_callback do |presence|
    answered << presence if presence.from.strip == address.strip
    false
  end
  client.send(Jabber::Presence.new.set_to(address))
  type = Timeout.timeout(10) { answered.pop }.type
  puts "registered #{type || 'available'}"
end

def caller_answer(client)
  rpc = Jabber::RPC::Client.new(client, told('TO'))
  ok, value = Timeout.timeout(15) { rpc.call2(told('METHOD'), *JSON.parse(told('ARGUMENTS'))) }
  ok ? { value: value } : { fault: [value.faultCode, value.faultString] }
rescue Jabber::ServerError => e
  { error: e.error.error }
end

Jabber.debug = true unless told('DEBUG').empty?
Thread.abort_on_exception = true
Signal.trap('TERM') { exit! 0 }
client = login
case ARGV[0]
when 'service' then service(client)
when 'caller' then puts "answer #{JSON.generate(caller_answer(client))}"
else abort 'failed unknown role'
end
