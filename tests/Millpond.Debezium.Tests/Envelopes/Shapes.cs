using System.Text;
using Millpond.Debezium.Envelopes;

namespace Millpond.Debezium.Tests.Envelopes;

/// <summary>What wraps an envelope, what its schema says of values, and what is none.</summary>
public sealed class Shapes
{
    private const string Source = """ "source":{"connector":"postgresql","db":"shop","schema":"public","table":"t"} """;

    [Theory]
    [InlineData("""{"type":"int32","field":"v"}""", "5", "5")]
    [InlineData("""{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2","connect.decimal.precision":"10"},"field":"v"}""", "\"MDk=\"", "123.45")]
    [InlineData("""{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"},"field":"v"}""", "\"/w==\"", "-0.01")]
    [InlineData("""{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"0"},"field":"v"}""", "\"MDk=\"", "12345")]
    [InlineData("""{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"99999999"},"field":"v"}""", "\"MDk=\"", "")]
    [InlineData("""{"type":"struct","name":"io.debezium.data.VariableScaleDecimal","field":"v"}""", """{"scale":1,"value":"MDk="}""", "1234.5")]
    [InlineData("""{"type":"int32","name":"io.debezium.time.Date","field":"v"}""", "19675", "2023-11-14")]
    [InlineData("""{"type":"int32","name":"io.debezium.time.Date","field":"v"}""", "999999999", "")]
    [InlineData("""{"type":"int64","name":"io.debezium.time.Timestamp","field":"v"}""", "1700000000123", "2023-11-14T22:13:20.123")]
    [InlineData("""{"type":"int64","name":"io.debezium.time.MicroTimestamp","field":"v"}""", "1700000000123456", "2023-11-14T22:13:20.123456")]
    [InlineData("""{"type":"int64","name":"io.debezium.time.NanoTimestamp","field":"v"}""", "1700000000123456789", "2023-11-14T22:13:20.1234567")]
    [InlineData("""{"type":"int64","name":"io.debezium.time.MicroTimestamp","field":"v"}""", "9223372036854775807", "")]
    [InlineData("""{"type":"int64","name":"org.apache.kafka.connect.data.Timestamp","field":"v"}""", "0", "1970-01-01T00:00:00")]
    [InlineData("""{"type":"int64","name":"io.debezium.time.MicroTime","field":"v"}""", "3661000001", "01:01:01.0000010")]
    [InlineData("""{"type":"string","name":"io.debezium.time.ZonedTimestamp","field":"v"}""", "\"2023-11-14T22:13:20.123456Z\"", "2023-11-14T22:13:20.123456Z")]
    [InlineData("""{"type":"string","name":"io.debezium.data.Uuid","field":"v"}""", "\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("""{"type":"bytes","field":"v"}""", "\"Af8=\"", "\\x01ff")]
    [InlineData("""{"type":"boolean","field":"v"}""", "true", "true")]
    [InlineData("""{"type":"array","items":{"type":"int32"},"field":"v"}""", "[1,2]", "[1,2]")]
    public void A_schema_gives_values_their_meaning(string type, string value, string read)
    {
        var row = $$$"""{"type":"struct","fields":[{{{type}}},{"type":"int32","field":"id"}],"optional":true,"name":"shop.public.t.Value","field":"FIELD"}""";
        var message = $$$"""
            {"schema":{"type":"struct","fields":[{{{row.Replace("FIELD", "before", StringComparison.Ordinal)}}},{{{row.Replace("FIELD", "after", StringComparison.Ordinal)}}}]},
             "payload":{"before":null,"after":{"v":{{{value}}},"id":1},{{{Source}}},"op":"c"}}
            """;
        Assert.Equal(read.Length == 0 ? "Insert public.t id=1" : $"Insert public.t v={read} id=1", Told.Say(message));
    }

    [Theory]
    [InlineData("", "Nothing: a tombstone.")]
    [InlineData("default", "Nothing: a tombstone.")]
    [InlineData("null", "Nothing: a tombstone.")]
    [InlineData("""{"schema":null,"payload":null}""", "Nothing: a tombstone.")]
    [InlineData("""{"ts_ms":1700000000000}""", "Nothing: a sign of life.")]
    [InlineData("""{"schema":{"type":"struct"},"payload":{"ts_ms":1700000000000}}""", "Nothing: a sign of life.")]
    [InlineData("""{"status":"BEGIN","id":"571:53195829","event_count":null,"data_collections":null,"ts_ms":1}""", "Nothing: the begin or end of a transaction.")]
    [InlineData("""{"status":"END","id":"571:53195832","event_count":2,"data_collections":[{"data_collection":"s1.a","event_count":1}]}""", "Nothing: the begin or end of a transaction.")]
    public void What_tells_of_no_row_is_nothing(string message, string told) => Assert.Equal(told, Told.Say(message));

    [Fact]
    public void A_cloud_event_is_opened() =>
        Assert.Equal("Insert public.t id=1", Told.Say($$$"""{"id":"x","source":"/debezium/postgresql/shop","specversion":"1.0","type":"io.debezium.connector.postgresql.DataChangeEvent","datacontenttype":"application/json","data":{"schema":{},"payload":{"before":null,"after":{"id":1},{{{Source}}},"op":"c"} }}"""));

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "a Array and not an envelope")]
    [InlineData("5", "a Number")]
    [InlineData("""{"id":1,"name":"unwrapped"}""", "without its envelope")]
    [InlineData("""{"op":"c","after":{"id":1}}""", "which table")]
    [InlineData("""{"op":"c","after":{"id":1},"source":{"connector":"postgresql"}}""", "does not name its table")]
    [InlineData("""{"op":"x","source":{"table":"t"}}""", "operation")]
    [InlineData("""{"op":"c","after":null,"source":{"table":"t"}}""", "without the row")]
    [InlineData("""{"op":"c","after":"\ud800","source":{"connector":"mongodb","collection":"t"}}""", "cannot be read")]
    [InlineData("""{"op":"d","before":5,"source":{"table":"t"}}""", "without the row")]
    public void What_cannot_be_understood_is_refused_with_a_reason(string message, string why)
    {
        var told = Told.Read(message);
        Assert.Equal(DebeziumKind.Refused, told.Kind);
        Assert.Contains(why, told.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_comes_makes_the_reader_throw()
    {
        // Whole messages in which bytes are changed, cut and doubled, seeded, so that a failure can be had again.
        string[] seeds =
        [
            $$$"""{"schema":{"type":"struct","fields":[{"type":"struct","fields":[{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"},"field":"v"}],"field":"after"}]},"payload":{"before":{"v":"MDk="},"after":{"v":"MDk="},{{{Source}}},"op":"u"}}""",
            """{"before":null,"after":"{\"_id\": {\"$oid\": \"65\"}, \"d\": {\"$date\": {\"$numberLong\": \"1\"}}}","source":{"connector":"mongodb","db":"a","collection":"b","ts_ms":-9223372036854775808},"op":"u","updateDescription":{"updatedFields":"{}","removedFields":["a"]}}""",
            """{"source":{"db":"a","table":"b"},"ddl":"DROP TABLE b","tableChanges":[{"id":"\"a\".\"b\""},5,{"id":7}]}""",
        ];
        var random = new Random(20240229);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(seeds[i % seeds.Length]).ToList();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveAt(at);
                        break;
                    case 2:
                        bytes.Insert(at, "\"{}[],:09eE-\\u\0"u8[random.Next(15)]);
                        break;
                    default:
                        var length = Math.Min(random.Next(20), bytes.Count - at);
                        bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                        break;
                }
            }

            var told = new EnvelopeReader(new DebeziumOptions()).Read(i % 2 == 0 ? default : bytes.ToArray(), bytes.ToArray());
            Assert.True(told.Kind != DebeziumKind.Refused || told.Why.Length > 0);
        }
    }

    [Fact]
    public void What_is_nested_deeper_than_any_row_is_refused() => Assert.Equal(DebeziumKind.Refused, Told.Read(string.Concat(Enumerable.Repeat("[", 100_000))).Kind);
}
