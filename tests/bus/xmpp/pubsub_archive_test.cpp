#include "bus/xmpp/pubsub_archive.hpp"

#include <gtest/gtest.h>

#include "bus/limits_topics.hpp"
#include "bus/xmpp/datetime.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

std::string form(const std::string& fields, const std::string& type = "urn:xmpp:mam:2") {
  return "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>" + type +
         "</value></field>" + fields + "</x>";
}
std::string field(const std::string& var, const std::string& value) {
  return "<field var='" + var + "'><value>" + value + "</value></field>";
}
Result<ArchiveQuery, PubsubRefusal> query(const std::string& inside, const std::string& attributes = "node='n'") {
  return archive_query_from(element("<query xmlns='urn:xmpp:mam:2' " + attributes + ">" + inside + "</query>"));
}
std::string refusal(const Result<ArchiveQuery, PubsubRefusal>& read) {
  if (read) return "read";
  std::string text(name_of(read.error().condition));
  if (read.error().detail != PubsubCondition::none) text += '+' + std::string(name_of(read.error().detail));
  return text;
}

TEST(PubsubArchive, everything_that_a_query_says) {
  auto read = query(form(field("start", "2026-01-01T00:00:00Z") + field("end", "2026-01-02T00:00:00.5Z") +
                         field("with", "ann@x") + field("after-id", "a") + field("before-id", "b") +
                         "<field var='ids'><value>c</value><value>d</value></field>") +
                        "<set xmlns='http://jabber.org/protocol/rsm'><max>5</max><after>e</after></set><flip-page/>",
                    "node='n' queryid='q'");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->node, "n");
  EXPECT_EQ(read->id, "q");
  EXPECT_EQ(read->start, parse_datetime("2026-01-01T00:00:00Z"));
  EXPECT_EQ(read->end, parse_datetime("2026-01-02T00:00:00.5Z"));
  EXPECT_EQ(read->with->str(), "ann@x");
  EXPECT_EQ(read->after_id, "a");
  EXPECT_EQ(read->before_id, "b");
  EXPECT_EQ(read->ids, (std::vector<std::string>{"c", "d"}));
  EXPECT_EQ(read->page.max, 5u);
  EXPECT_EQ(read->page.after, "e");
  EXPECT_TRUE(read->flip);
  auto all = query("");
  ASSERT_TRUE(all.ok());
  EXPECT_FALSE(all->start || all->end || all->with || all->after_id || all->before_id || all->ids || all->flip);
}

TEST(PubsubArchive, refusals) {
  EXPECT_EQ(refusal(query("", "")), "bad-request+nodeid-required");
  EXPECT_EQ(refusal(query("", "node='" + std::string(limits::topic_name_bytes_max + 1, 'n') + "'")), "not-acceptable");
  const std::string most(limits::archive_query_id_bytes_max, 'q');
  EXPECT_EQ(refusal(query("", "node='n' queryid='" + most + "'")), "read");
  EXPECT_EQ(refusal(query("", "node='n' queryid='" + most + "q'")), "not-acceptable");
  // Section 4.1.5.
  EXPECT_EQ(refusal(query(form(field("include-groupchat", "true")))), "feature-not-implemented");
  for (const char* var : {"start", "end", "with"})
    EXPECT_EQ(refusal(query(form(field(var, "@")))), "bad-request") << var;
  for (const char* var : {"start", "end", "with", "after-id", "before-id"}) {
    std::string name(var);
    EXPECT_EQ(refusal(query(form("<field var='" + name + "'/>"))), "bad-request") << var;
  }
  EXPECT_EQ(refusal(query(form("", "other"))), "bad-request");
  EXPECT_EQ(refusal(query("<x xmlns='jabber:x:data' type='form'/>")), "bad-request");
  EXPECT_EQ(refusal(query("<set xmlns='http://jabber.org/protocol/rsm'><max>x</max></set>")), "bad-request");
}

TEST(PubsubArchive, what_is_said_as_the_examples_show_it) {
  const std::string in = " xmlns='urn:xmpp:mam:2'";
  EXPECT_EQ(archive_form("n"),
            element("<query" + in + " node='n'><x xmlns='jabber:x:data' type='form'>"
                    "<field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>"
                    "<field type='jid-single' var='with'/><field type='text-single' var='start'/>"
                    "<field type='text-single' var='end'/><field type='text-single' var='before-id'/>"
                    "<field type='text-single' var='after-id'/><field type='list-multi' var='ids'>"
                    "<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'><open/></validate>"
                    "</field></x></query>"));
  Forwarded forwarded{element("<message type='headline'/>"), Delay{*parse_datetime("2026-01-01T00:00:00Z"), {}, {}}};
  EXPECT_EQ(archive_result("q", "a", forwarded),
            element("<result" + in + " queryid='q' id='a'><forwarded xmlns='urn:xmpp:forward:0'>"
                    "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>"
                    "<message xmlns='jabber:client' type='headline'/>"
                    "</forwarded></result>"));
  EXPECT_EQ(archive_end(Page{"a", "b", 0, 2}, true),
            element("<fin" + in + " complete='true'><set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a</first>"
                    "<last>b</last><count>2</count></set></fin>"));
  EXPECT_EQ(archive_end(Page{{}, {}, {}, 2}, false),
            element("<fin" + in + "><set xmlns='http://jabber.org/protocol/rsm'><count>2</count></set></fin>"));
  Timestamp stamp = *parse_datetime("2026-01-01T00:00:00Z");
  EXPECT_EQ(archive_metadata(ArchivedAt{"a", stamp}, ArchivedAt{"b", stamp}),
            element("<metadata" + in + "><start id='a' timestamp='2026-01-01T00:00:00Z'/>"
                    "<end id='b' timestamp='2026-01-01T00:00:00Z'/></metadata>"));
  EXPECT_EQ(archive_metadata({}, {}), element("<metadata" + in + "/>"));
}

}  // namespace
}  // namespace xbus::xmpp
