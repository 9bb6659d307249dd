namespace Millpond.Debezium.Tests.Envelopes;

/// <summary>Envelopes of each kind of database, with a schema and without.</summary>
public sealed class Databases
{
    private const string Postgres = """ "source":{"version":"3.0.0.Final","connector":"postgresql","name":"shop","ts_ms":1700000000123,"snapshot":"false","db":"shop","sequence":"[\"24023128\",\"24023128\"]","schema":"public","table":"products","txId":556,"lsn":24023128,"xmin":null} """;
    private const string MySql = """ "source":{"version":"3.0.0.Final","connector":"mysql","name":"shop","ts_ms":1700000000000,"snapshot":"false","db":"shop","sequence":null,"table":"products","server_id":223344,"gtid":null,"file":"mysql-bin.000003","pos":484,"row":0,"thread":7,"query":null} """;
    private const string SqlServer = """ "source":{"version":"3.0.0.Final","connector":"sqlserver","name":"shop","ts_ms":1700000000000,"snapshot":"false","db":"shop","schema":"dbo","table":"products","change_lsn":"00000027:00000758:0003","commit_lsn":"00000027:00000758:0005","event_serial_no":1} """;
    private const string Mongo = """ "source":{"version":"3.0.0.Final","connector":"mongodb","name":"shop","ts_ms":1700000000000,"snapshot":"false","db":"shop","collection":"products","ord":31,"lsid":null,"txnNumber":null} """;

    [Fact]
    public void PostgreSQL_tells_new_changed_and_deleted_rows()
    {
        Assert.Equal("Insert public.products id=5 category_id=3 name=lamp", Told.Say($$$"""{"before":null,"after":{"id":5,"category_id":3,"name":"lamp"},{{{Postgres}}},"op":"c","ts_ms":1700000000456,"transaction":null}"""));
        Assert.Equal("Update public.products id=5 category_id=3 -> id=5 category_id=7", Told.Say($$$"""{"before":{"id":5,"category_id":3},"after":{"id":5,"category_id":7},{{{Postgres}}},"op":"u"}"""));
        Assert.Equal("Delete public.products id=5 category_id=7", Told.Say($$$"""{"before":{"id":5,"category_id":7},"after":null,{{{Postgres}}},"op":"d"}"""));
        var told = Told.Read($$$"""{"before":null,"after":{"id":5},{{{Postgres}}},"op":"c"}""");
        Assert.Equal((556u, DateTimeOffset.FromUnixTimeMilliseconds(1700000000123)), (told.Source.TransactionId!.Value, told.Source.At!.Value));
        Assert.Equal(["public.products", "shop.public.products", "shop.products", "products"], told.Tables[0]);
    }

    [Fact]
    public void PostgreSQL_without_the_row_from_before_is_known_by_its_key_alone()
    {
        var update = $$$"""{"before":null,"after":{"id":5,"category_id":7},{{{Postgres}}},"op":"u"}""";
        Assert.Equal("Update public.products id=5 -> id=5 category_id=7", Told.Say(update, """{"id":5}"""));
        Assert.Equal("Update public.products id=5 -> id=5 category_id=7", Told.Say(update, options: new DebeziumOptions { KeyColumns = new Dictionary<string, IReadOnlyList<string>> { ["public.products"] = ["id"] } }));
        Assert.Equal("Update public.products id=5 category_id=7", Told.Say(update));

        // The replica identity has the key alone: everything else is blank, which says nothing.
        Assert.Equal("Delete public.products id=5", Told.Say($$$"""{"before":{"id":5,"category_id":0,"name":"","is_old":false,"note":null},"after":null,{{{Postgres}}},"op":"d"}""", """{"schema":{},"payload":{"id":5}}"""));
        Assert.Equal("Delete public.products id=5 category_id=3 note=null", Told.Say($$$"""{"before":{"id":5,"category_id":3,"note":null},"after":null,{{{Postgres}}},"op":"d"}""", """{"id":5}"""));
    }

    [Fact]
    public void A_large_value_that_did_not_change_is_what_it_was_or_is_not_known()
    {
        const string Text = "__debezium_unavailable_value";
        Assert.Equal("Update public.products id=5 note=a -> id=5 note=a", Told.Say($$$"""{"before":{"id":5,"note":"a"},"after":{"id":5,"note":"{{{Text}}}"},{{{Postgres}}},"op":"u"}""", """{"id":5}"""));
        Assert.Equal("Update public.products id=5 -> id=5", Told.Say($$$"""{"before":null,"after":{"id":5,"note":"{{{Text}}}","photo":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==","tags":["{{{Text}}}"],"more":{"{{{Text}}}":"{{{Text}}}"}},{{{Postgres}}},"op":"u"}""", """{"id":5}"""));
        Assert.Equal("Insert public.products id=5", Told.Say($$$"""{"before":null,"after":{"id":5,"note":"-- not sent --"},{{{Postgres}}},"op":"c"}""", options: new DebeziumOptions { UnavailableValue = "-- not sent --" }));
    }

    [Fact]
    public void MySQL_tells_rows_and_statements_that_empty_tables()
    {
        Assert.Equal("Update shop.products id=5 name=a -> id=5 name=b", Told.Say($$$"""{"before":{"id":5,"name":"a"},"after":{"id":5,"name":"b"},{{{MySql}}},"op":"u"}"""));
        Assert.Equal("Truncate shop.products", Told.Say($$$"""{"before":null,"after":null,{{{MySql}}},"op":"t"}"""));
        Assert.Equal("Truncate shop.products", Told.Say($$$"""{ {{{MySql}}},"databaseName":"shop","ddl":" truncate table products","tableChanges":[{"type":"ALTER","id":"\"shop\".\"products\"","table":null}]}"""));
        Assert.StartsWith("Nothing", Told.Say($$$"""{ {{{MySql}}},"databaseName":"shop","ddl":"ALTER TABLE products ADD a INT","tableChanges":[{"type":"ALTER","id":"\"shop\".\"products\""}]}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void SQL_Server_tells_rows_by_schema_and_table()
    {
        var told = Told.Read($$$"""{"before":{"id":5},"after":{"id":5},{{{SqlServer}}},"op":"u"}""");
        Assert.Equal("dbo.products", told.Tables[0][0]);
        Assert.Null(told.Source.TransactionId);
    }

    [Fact]
    public void MongoDB_tells_documents_as_text_and_by_their_key()
    {
        const string Key = """{"id":"{\"$oid\":\"65a1f2\"}"}""";
        Assert.Equal(
            "Insert shop.products _id=65a1f2 category=3 big=9007199254740993 at=2023-11-14T22:13:20.123Z name=lamp nested={\"a\": 1} gone=null",
            Told.Say($$$"""{"before":null,"after":"{\"_id\": {\"$oid\": \"65a1f2\"}, \"category\": 3, \"big\": {\"$numberLong\": \"9007199254740993\"}, \"at\": {\"$date\": 1700000000123}, \"name\": \"lamp\", \"nested\": {\"a\": 1}, \"gone\": null}",{{{Mongo}}},"op":"c"}""", Key));
        Assert.Equal("Update shop.products _id=65a1f2 -> _id=65a1f2 category=7", Told.Say($$$"""{"before":null,"after":"{\"_id\": {\"$oid\": \"65a1f2\"}, \"category\": 7}","updateDescription":{"removedFields":null,"updatedFields":"{\"category\": 7}","truncatedArrays":null},{{{Mongo}}},"op":"u"}"""));
        Assert.Equal("Update shop.products _id=65a1f2 -> _id=65a1f2 category=7 note=null", Told.Say($$$"""{"before":null,"after":null,"updateDescription":{"removedFields":["note"],"updatedFields":"{\"category\": 7}"},{{{Mongo}}},"op":"u"}""", Key));
        Assert.Equal("Delete shop.products _id=65a1f2", Told.Say($$$"""{"before":null,"after":null,{{{Mongo}}},"op":"d"}""", Key));
        Assert.Equal("Delete shop.products _id=5 category=7", Told.Say($$$"""{"before":"{\"_id\": 5, \"category\": 7}","after":null,{{{Mongo}}},"op":"d"}""", """{"id":"5"}"""));
        Assert.StartsWith("Refused", Told.Say($$$"""{"before":null,"after":null,{{{Mongo}}},"op":"d"}"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"before\":null,\"after\":{\"id\":5},SOURCE,\"op\":\"r\"}", "Read public.products")]
    [InlineData("{\"before\":null,\"after\":null,SOURCE,\"op\":\"t\"}", "Truncate public.products")]
    [InlineData("{SOURCE,\"op\":\"m\",\"message\":{\"prefix\":\"p\",\"content\":\"\"}}", "Nothing: a message in the log.")]
    public void Operations_beyond_those_of_rows_are_known(string value, string told) =>
        Assert.Equal(told, Told.Say(value.Replace("SOURCE", Postgres.Replace("\"snapshot\":\"false\"", "\"snapshot\":\"first\"", StringComparison.Ordinal), StringComparison.Ordinal)));

    [Fact]
    public void A_row_of_an_incremental_snapshot_is_as_new() =>
        Assert.Equal("Insert public.products id=5", Told.Say($$$"""{"before":null,"after":{"id":5},{{{Postgres.Replace("\"snapshot\":\"false\"", "\"snapshot\":\"incremental\"", StringComparison.Ordinal)}}},"op":"r"}"""));
}
