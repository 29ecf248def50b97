# What xmpp4r 0.5.6 needs for the Ruby, the REXML and the security of today: log_in checks the bus's certificate and
# name, proves the password by SCRAM-SHA-256 without saying it (RFC 5802, RFC 7677), and leaves no question unanswered.
require 'openssl'
require 'securerandom'
require 'tmpdir'
require 'xmpp4r'

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

# Proves the password, and that the bus knows it too; the library has no mechanism that does not say it.
class ScramSha256 < Jabber::SASL::Base
  def auth(password)
    first = "n=#{@stream.jid.node.gsub('=', '=3D').gsub(',', '=2C')},r=#{own = SecureRandom.base64(24)}"
    challenge = say(generate_auth('SCRAM-SHA-256', ["n,,#{first}"].pack('m0')), 'challenge')
    nonce, salt, rounds = challenge.match(/\Ar=([^,]+),s=([^,]+),i=(\d+)/)&.captures
    raise 'the bus answers another login' unless nonce&.start_with?(own)

    salted = OpenSSL::KDF.pbkdf2_hmac(password, salt: salt.unpack1('m'), iterations: rounds.to_i, length: 32, hash: 'SHA256')
    last = "c=biws,r=#{nonce}"
    said = [first, challenge, last].join(',')
    key = hmac(salted, 'Client Key')
    proof = key.bytes.zip(hmac(OpenSSL::Digest::SHA256.digest(key), said).bytes).map { |a, b| a ^ b }.pack('C*')
    success = say(response("#{last},p=#{[proof].pack('m0')}"), 'success')
    raise 'the bus does not know the password' unless success == "v=#{[hmac(hmac(salted, 'Server Key'), said)].pack('m0')}"
  end

  private

  def hmac(key, text) = OpenSSL::HMAC.digest('SHA256', key, text)

  def response(text)
    element = REXML::Element.new('response')
    element.add_namespace(Jabber::SASL::NS_SASL)
    element.text = [text].pack('m0')
    element
  end

  def say(element, awaited)
    reply = nil
    @stream.send(element) { |answer| (reply = answer) && true }
    raise reply.first_element(nil)&.name || reply.name unless reply.name == awaited

    reply.text.to_s.unpack1('m')
  end
end

# Each question gets an answer (RFC 6120 section 8.2.3); the library leaves those that nobody takes without one, and whoever
# does not answer pings (XEP-0199) is taken off the list of services.
def answer_the_rest(client)
  client.add_iq_callback(0, 'rest') do |iq|
    next false unless %i[get set].include?(iq.type)

    answer = iq.answer(false)
    answer.type = iq.first_element('ping') ? :result : :error
    answer.add(Jabber::ErrorResponse.new('service-unavailable')) if answer.type == :error
    client.send(answer)
    true
  end
end

# A client that is logged in with $XBUS_PASSWORD at a bus whose certificate the authority in the file $XBUS_CA has signed.
def log_in(jid, host, port)
  client = Jabber::Client.new(jid)
  authority = OpenSSL::X509::Certificate.new(File.read(ENV.fetch('XBUS_CA')))
  Dir.mktmpdir do |folder| # where OpenSSL looks an authority up by its hash
    File.write(format("#{folder}/%08x.0", authority.subject.hash), authority.to_pem)
    client.ssl_capath = folder
    client.connect(host, port)
  end
  abort 'no TLS with a certificate of that authority' unless client.is_tls?
  client.fd.post_connection_check(jid.domain)
  answer_the_rest(client)
  client.auth_sasl(ScramSha256.new(client), ENV.fetch('XBUS_PASSWORD'))
  client
end
