# xmpp4r on the bus: `xmpp4r_peer.rb service|caller`, told by the PEER_ variables of peers.py.
require 'json'
require 'xmpp4r'
require 'xmpp4r/rpc'

$stdout.sync = true

def told(name)
  ENV.fetch("PEER_#{name}", '')
end

# What a stream carries, for the library's parser: bytes as they arrive, given out in whole characters of UTF-8 (RFC 6120
# section 11.6), since a line ends with an ASCII character. Ruby's own buffer of a TLS socket counts characters where it has bytes.
class Lines
  def initialize(socket)
    @socket = socket
    @bytes = ''.b
    @ended = false
  end

  def read(size)
    fill until @ended || @bytes.bytesize >= size
    take(size) unless @bytes.empty?
  end

  def readline(ending = "\n")
    ending = ending.b
    fill until @ended || @bytes.include?(ending)
    raise EOFError if @bytes.empty?

    at = @bytes.index(ending)
    take(at ? at + ending.bytesize : @bytes.bytesize)
  end

  def eof?
    fill while !@ended && @bytes.empty?
    @bytes.empty?
  end

  private

  def fill
    @bytes << @socket.readpartial(16 * 1024).b
  rescue EOFError
    @ended = true
  end

  def take(size) = @bytes.slice!(0, size).force_encoding(Encoding::UTF_8)
end

module ReadsLines
  def initialize(socket, listener) = super(Lines.new(socket), listener)
end
Jabber::StreamParser.prepend(ReadsLines)

# The library says that its source is always at position 0, which later versions of REXML go back from after each text.
REXML::IOSource.remove_method(:position) if REXML::Source.method_defined?(:position=)

# The library takes text as it stands in the stream; later versions of REXML resolve its references first.
module ResolvesNothing
  def listen(what, &block)
    return super unless what == :characters

    super(what) { |text| block.call(REXML::Text.normalize(text)) }
  end
end
resolved = false
probe = REXML::Parsers::SAX2Parser.new('<text>&lt;</text>')
probe.listen(:characters) { |text| resolved = text == '<' }
probe.parse
REXML::Parsers::SAX2Parser.prepend(ResolvesNothing) if resolved

# The library asks its reader to end before the TLS handshake, but does not wait: the two would share the socket.
module WaitsForReader
  def stop
    reader = @parser_thread
    super
    reader.join
  end
end
Jabber::Connection.prepend(WaitsForReader)

# Logs in over STARTTLS. The library offers no check of the name; the chain is checked against the play's CA.
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
