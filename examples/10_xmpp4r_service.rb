#!/usr/bin/env ruby
# A service in Ruby: xmpp4r logs in, registers a name by its presence, and its RPC server answers calls (XEP-0009).
#
#     XBUS_PASSWORD=... XBUS_CA=ca.pem ./10_xmpp4r_service.rb alice@localhost 127.0.0.1:5222
#
# It says what its methods are too: `xbus describe words`, `xbus call words count 'one two'`.
require_relative 'xmpp4r_today'
require 'xmpp4r/rpc'

NAME = 'words'.freeze

account, address = ARGV
host, _, port = address.rpartition(':')
client = log_in(Jabber::JID.new("#{account}/ruby"), host, port.to_i)

service = Jabber::RPC::Server.new(client)
service.add_handler('count', ['int', 'string'], 'How many words a text has.') { |text| text.split.size }
service.add_handler('turned', ['string', 'string'], 'The text, its letters turned round.', &:reverse)
service.add_introspection

# The registry answers available when the name is listed, else with an error that tells why.
registry = Jabber::JID.new(NAME.dup, "services.#{client.jid.domain}")
answers = Queue.new
client.add_presence_callback { |presence| answers << presence if presence.from.strip == registry }
client.send(Jabber::Presence.new.set_to(registry))
answer = answers.pop
abort "not listed: #{answer.error.error}" if answer.type == :error
puts 'listed'
$stdout.flush

ended = Queue.new
client.on_exception { ended << 'the bus has gone' }
Signal.trap('TERM') { exit! 0 } # the bus hears it from the socket
abort ended.pop
