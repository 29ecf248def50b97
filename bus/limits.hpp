// Every limit of the bus, in one place. Names are thing_unit_max; a test drives each to its edge and one beyond.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace xbus::limits {

using namespace std::chrono_literals;

// ---- XML, from the first byte of a stream (RFC 6120 section 13.12) ----
inline constexpr size_t header_bytes_max = 4096;          // stream header with its declarations
inline constexpr size_t prelogin_stanza_bytes_max = 16 * 1024;  // one element before login
inline constexpr size_t stanza_bytes_max = 1024 * 1024;   // one stanza after login, announced by XEP-0478
inline constexpr size_t stanza_bytes_assumed = 256 * 1024;  // what a server takes that announces nothing
inline constexpr size_t stanza_bytes_least = 10'000;      // RFC 6120 section 13.12: no smaller limit may be configured
inline constexpr size_t xml_depth_max = 64;               // open elements in one stanza, the stanza itself is 1
inline constexpr size_t xml_attributes_max = 64;          // attributes and declarations of one start tag
inline constexpr size_t xml_attributes_stamped_max = 4;   // that a server may add: from, to, xml:lang, xmlns
inline constexpr size_t stanza_bytes_stamped_max = 32 * 1024;  // likewise: those, escaped, and what the header declared
inline constexpr size_t xml_name_bytes_max = 256;         // one qualified name
inline constexpr size_t xml_prefixes_max = 32;            // prefixes declared on one stream header
inline constexpr size_t xml_declarations_max = 256;       // namespace declarations in scope inside one stanza
inline constexpr size_t xml_namespace_bytes_max = 512;    // one namespace name
inline constexpr size_t xml_reference_bytes_max = 16;     // one character reference, leading zeros included

// ---- JIDs (RFC 7622 section 3) ----
inline constexpr size_t jid_part_bytes_max = 1023;        // after preparation
inline constexpr size_t jid_typed_bytes_max = 8 * jid_part_bytes_max;  // of a part before it: nothing longer shrinks enough
inline constexpr size_t domain_label_bytes_max = 63;      // RFC 1034 section 3.1
inline constexpr size_t domain_bytes_max = 253;           // the same, as text without the root's dot
inline constexpr size_t precis_rounds_max = 4;            // of mapping, until the text is stable (RFC 8264 section 7)

// ---- Forms and discovery ----
inline constexpr size_t form_fields_max = 1024;           // fields of one form, its report's cells included
inline constexpr size_t form_values_max = 8192;           // values and options of one form
inline constexpr size_t caps_hashes_max = 8;              // read from one presence (XEP-0390)
inline constexpr size_t error_payload_bytes_max = 512;    // of a payload that its error brings back
inline constexpr size_t disco_entries_max = 8192;         // identities, features and forms, or items, of one answer

// ---- Login ----
inline constexpr auto login_time_max = 30s;               // from accept to bind
inline constexpr size_t sasl_message_bytes_max = 8192;    // one decoded SASL message
inline constexpr size_t sasl_attempts_max = 5;            // failures a stream may make (RFC 6120 section 6.4.5: 2 to 5)
inline constexpr size_t bind_attempts_max = 10;           // refused resources (RFC 6120 section 7.7.3: 5 to 10)
inline constexpr size_t login_failures_max = 50;          // of one address in login_failures_time; then a ban
inline constexpr auto login_failures_time = 10min;        // in which all of them are forgiven
inline constexpr auto login_ban_time = 10min;
inline constexpr size_t login_failures_prompt = 2;        // answered at once; each further one after twice the time
inline constexpr auto login_delay_least = 250ms;
inline constexpr auto login_delay_max = 4s;
inline constexpr size_t login_addresses_max = 16'384;     // of whom failures are remembered
inline constexpr size_t connections_per_address_max = 2048;  // at once or in a burst, until they log in
inline constexpr size_t connections_per_second_per_address_max = 100;  // likewise, in the long run
inline constexpr size_t scram_iterations_min = 4096;      // RFC 7677 section 4
inline constexpr size_t scram_iterations_max = 1'000'000; // a server may not make a client work for ever
inline constexpr size_t scram_iterations_default = 4096;  // of keys that we make: all accounts alike
inline constexpr size_t scram_salt_bytes = 16;            // likewise
inline constexpr size_t see_other_host_hops_max = 5;      // RFC 6120 section 4.9.3.19

// ---- Network ----
inline constexpr size_t address_bytes_max = 4096;         // an address of a bus as text
inline constexpr size_t dns_name_bytes_max = 253;         // RFC 1035 section 3.1, as text
inline constexpr size_t srv_targets_max = 32;             // tried in one attempt to connect
inline constexpr size_t tls_record_bytes_max = 16 * 1024; // RFC 8446 section 5.1
inline constexpr size_t tls_unsent_bytes_max = 256 * 1024;  // answers that TLS owes a peer which does not read
inline constexpr size_t worker_jobs_max = 4096;           // that wait for a thread

// ---- Sessions and accounts ----
inline constexpr size_t connections_per_account_max = 100'000;
inline constexpr size_t connections_prelogin_max = 4096;  // streams that have not logged in, all listeners
inline constexpr size_t queue_bytes_per_account_max = 64 * 1024 * 1024;  // waiting to be written, shared by its connections
inline constexpr size_t queue_bytes_per_connection_max = 16 * 1024 * 1024;
inline constexpr size_t stanzas_per_second_max = 200'000;  // of one account, on all its connections
inline constexpr size_t bytes_per_second_max = 256 * 1024 * 1024;  // likewise
inline constexpr auto rate_burst_time = 1s;               // of saved-up sending; what is more waits
inline constexpr size_t rewritten_bytes_max = 256 * 1024; // of a stanza that must be rewritten for its receiver's stream
inline constexpr size_t answered_bytes_max = 64 * 1024;   // of a request that the server answers itself
inline constexpr size_t presence_bytes_max = 16 * 1024;   // of a broadcast presence: the server keeps the last one
inline constexpr size_t directed_presence_max = 4096;     // targets one session remembers
inline constexpr size_t roster_items_max = 4096;
inline constexpr size_t roster_groups_max = 64;           // groups of one item
inline constexpr size_t subscription_request_bytes_max = 4096;  // kept of a request; beyond it only who asks
inline constexpr size_t entity_queue_stanzas_max = 65'536;  // waiting for an entity inside the server, besides their bytes
inline constexpr size_t queue_buffer_bytes = 16 * 1024;   // a queue's memory comes in such pieces
inline constexpr size_t queue_buffers_spare_max = 64;     // kept for the next queue
inline constexpr size_t write_pieces_max = 64;            // of one writev
inline constexpr auto write_stall_time_max = 60s;         // a connection that takes no byte is ended
inline constexpr size_t offline_messages_max = 1000;      // stored for one account
inline constexpr size_t offline_bytes_max = 16 * 1024 * 1024;

// ---- Stream management (XEP-0198) ----
inline constexpr size_t unacked_stanzas_max = 16'384;     // sent and not acknowledged, one session
inline constexpr size_t unacked_bytes_max = 8 * 1024 * 1024;  // the same in bytes; charged to the account
inline constexpr uint32_t unacked_ask_stanzas = 32;       // then an acknowledgement is asked for
inline constexpr uint32_t handled_tell_stanzas = 128;     // then one is sent without having been asked for
inline constexpr auto unacked_ask_time = 5s;              // a client asks for what is open that long
inline constexpr auto resume_time_max = 300s;             // a session without a connection waits that long
inline constexpr size_t sm_id_bytes_max = 4000;           // XEP-0198 section 5
inline constexpr size_t resumable_sessions_max = 16'384;  // waiting without a connection, one server
inline constexpr size_t ended_sessions_max = 4096;        // whose last count is remembered

// ---- Clients and calls ----
inline constexpr size_t pending_calls_max = 65'536;       // requests without an answer, one client
inline constexpr auto call_time_default = 10s;            // the deadline of a call that states none
inline constexpr auto call_time_max = 24h;
inline constexpr size_t message_bytes_max = 16 * 1024 * 1024;  // a call or an answer, as XML, that travels in pieces
inline constexpr size_t piece_bytes_max = 48 * 1024;      // one piece, before base64
inline constexpr size_t pieces_under_way_max = 4;         // of one message, without an answer
inline constexpr size_t pieces_bytes_per_account_max = 2 * message_bytes_max;  // held for one account, sent and received
inline constexpr size_t pieces_bytes_max = 16 * message_bytes_max;  // held for all
inline constexpr auto piece_silence_time = 30s;           // a message whose next piece does not come is dropped
inline constexpr size_t value_depth_max = 32;             // nesting of one Value
inline constexpr size_t metadata_bytes_max = 4096;        // one attribute of a call's metadata; a JID has 3,071
inline constexpr size_t fault_details_max = 32;           // details that travel with one fault
inline constexpr size_t fault_details_bytes_max = 8192;   // their names and values together
inline constexpr size_t running_calls_max = 65'536;       // calls that one service works on
inline constexpr auto full_time_min = 200ms;              // at its limit that long an instance says that it is full
inline constexpr auto full_change_time_min = 1s;          // between two changes of an instance to full and back
inline constexpr size_t peers_max = 100'000;               // peers whose dialect one connection remembers
inline constexpr size_t idempotency_bytes_max = 64 * 1024 * 1024;  // answers remembered, together
inline constexpr size_t idempotency_keys_max = 10'000;    // answers one service remembers
inline constexpr auto idempotency_time_max = 10min;

// ---- The agent: what one answer holds, so that it fits stanza_bytes_assumed ----
inline constexpr size_t agent_processes_max = 200;
inline constexpr size_t agent_arguments_bytes_max = 512;  // of one process's command line
inline constexpr size_t agent_log_lines_max = 200;
inline constexpr size_t agent_log_line_bytes_max = 900;   // of one message; what is longer is cut
inline constexpr size_t agent_unit_bytes_max = 255;       // of a unit's name (systemd.unit(5))
inline constexpr size_t kernel_file_bytes_max = 1024 * 1024;  // read of one file of /proc or /sys
inline constexpr int agent_netlink_tries_max = 5;  // a table that changes while it is read is asked for again
inline constexpr size_t agent_netlink_bytes_max = 16 * 1024 * 1024;  // of the kernel's answer to one dump

// ---- The command line program ----
inline constexpr size_t exec_output_bytes_max = 1024 * 1024;  // what a served command may write
inline constexpr size_t exec_error_line_bytes_max = 1024;     // of its last line of errors
inline constexpr size_t exec_runs_default = 8;                // commands of one `xbus serve` at once
inline constexpr size_t exec_runs_max = 256;
inline constexpr size_t exec_methods_max = 64;
inline constexpr size_t exec_arguments_max = 8;  // parameters of one served method
inline constexpr size_t password_bytes_max = 1024;
inline constexpr size_t input_bytes_max = message_bytes_max;  // arguments on standard input

// ---- What a program tells of itself ----
inline constexpr size_t http_connections_max = 16;        // to the metrics of one program at once
inline constexpr size_t http_head_bytes_max = 8192;       // of one request
inline constexpr auto http_time_max = 10s;                // of one connection
inline constexpr size_t command_sessions_max = 256;       // ad-hoc commands under way, of one service
inline constexpr auto command_session_time_max = 10min;   // between two steps
inline constexpr size_t chat_peers_max = 1024;            // people whose rate one service remembers
inline constexpr unsigned chat_messages_max = 20;         // answered to one of them in chat_time
inline constexpr auto chat_time = 10s;
inline constexpr size_t chat_calls_max = 4;               // that one of them may have under way
inline constexpr size_t chat_question_bytes_max = 8192;
inline constexpr size_t chat_answer_bytes_max = 16 * 1024;
inline constexpr size_t conversations_max = 4096;         // between people and instances, through the registry
inline constexpr auto conversation_time_max = 1h;         // of silence

// ---- Registry ----
inline constexpr size_t names_per_account_max = 100;
inline constexpr size_t instances_per_name_max = 1000;
inline constexpr size_t instances_per_account_max = 10'000;  // pairs of session and name
inline constexpr size_t watches_max = 100'000;            // pairs of watcher and name
inline constexpr size_t watches_per_account_max = 10'000; // of them, for one account or one foreign domain
inline constexpr size_t dispatched_calls_max = 65'536;
inline constexpr size_t dispatched_calls_per_account_max = 16'384;  // of them, likewise
inline constexpr size_t dispatched_id_bytes_max = 1024;   // of the id of a call to pass on: kept until the answer
inline constexpr size_t interface_text_bytes_max = 256;   // kept of what an instance says: version, hash, caps, one method
inline constexpr size_t interface_methods_bytes_max = 64 * 1024;  // names of its methods, together
inline constexpr size_t interface_bytes_per_account_max = 16 * 1024 * 1024;  // likewise, of all its instances
inline constexpr size_t pings_per_second_max = 1000;      // of the registry to those it has not heard
inline constexpr size_t registry_answer_bytes_max = 224 * 1024;  // of a list, so that any server passes it on
inline constexpr auto register_answer_time = 5s;          // then directed presence is sent again
inline constexpr auto instance_silence_time = 30s;        // then the registry pings
inline constexpr auto instance_ping_time = 5s;            // then the instance is removed

static_assert(scram_iterations_min <= scram_iterations_default && scram_iterations_default <= scram_iterations_max);
static_assert(xml_prefixes_max <= 64);  // StanzaView::header_prefixes has a bit for each
static_assert(jid_part_bytes_max * 3 * 6 < stanza_bytes_stamped_max);  // an escaped `from`
static_assert(presence_bytes_max + stanza_bytes_stamped_max <= stanza_bytes_max);
static_assert(connections_per_address_max < connections_prelogin_max);
static_assert(login_delay_max < login_time_max && login_delay_least <= login_delay_max);
static_assert(sasl_attempts_max <= login_failures_max);
static_assert(stanza_bytes_least <= prelogin_stanza_bytes_max);
static_assert(prelogin_stanza_bytes_max <= stanza_bytes_assumed && stanza_bytes_assumed <= stanza_bytes_max);
static_assert(stanza_bytes_max <= queue_bytes_per_connection_max);
static_assert(queue_bytes_per_connection_max <= queue_bytes_per_account_max);
static_assert(watches_per_account_max <= watches_max);
static_assert(dispatched_calls_per_account_max <= dispatched_calls_max);
static_assert(4 * piece_bytes_max / 3 + 4096 <= stanza_bytes_assumed);
static_assert(message_bytes_max <= pieces_bytes_per_account_max && pieces_bytes_per_account_max <= pieces_bytes_max);
static_assert(interface_methods_bytes_max < registry_answer_bytes_max);
static_assert(registry_answer_bytes_max < stanza_bytes_assumed);
static_assert(stanza_bytes_max <= unacked_bytes_max && unacked_bytes_max <= queue_bytes_per_connection_max);
static_assert(unacked_ask_stanzas <= unacked_stanzas_max / 2);
static_assert(instances_per_name_max <= instances_per_account_max);
static_assert(interface_methods_bytes_max <= interface_bytes_per_account_max);
static_assert(instance_silence_time + instance_ping_time < 40s);

}  // namespace xbus::limits
