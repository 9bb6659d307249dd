using Millpond.Engines.Fake;

namespace Millpond.Resp.Tests.Connections;

public class Multiplexing
{
    [Fact]
    public async Task Every_caller_gets_the_reply_to_what_it_asked()
    {
        await using var harness = new Harness();
        await Parallel.ForEachAsync(Enumerable.Range(0, 20_000), new ParallelOptions { MaxDegreeOfParallelism = 200 }, async (i, token) =>
        {
            var text = $"text {i}";
            Assert.Equal(text, await harness.Client.SendAsync<Echo, string?>(new Echo(text), token));
        });
        Assert.Equal(1, harness.Server.Connections);
    }

    [Fact]
    public async Task A_caller_that_blocks_holds_up_nobody_not_even_if_it_blocks_on_a_later_reply()
    {
        await using var harness = new Harness();
        await harness.Client.ExecuteAsync("PING");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            await harness.Client.SendAsync<Echo, string?>(new Echo($"first {i}"));

            // On whatever thread continues callers: the reply to this must come all the same.
            Assert.Equal($"second {i}", harness.Client.SendAsync<Echo, string?>(new Echo($"second {i}")).AsTask().GetAwaiter().GetResult());
        }));
    }

    [Fact]
    public async Task Pieces_of_replies_are_put_together()
    {
        await using var harness = new Harness();
        harness.Server.Script = (session, command) => command[0] != "ECHO" ? null : Deferred(session, FakeServer.Bulk(command[1]));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => harness.Client.SendAsync<Echo, string?>(new Echo(new string('x', i) + "\r\n" + i)).AsTask()));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => new string('x', i) + "\r\n" + i), answers);

        static string Deferred(FakeSession session, string reply)
        {
            session.Send(reply, pieceBytes: 3);
            return FakeServer.NoReply;
        }
    }

    [Fact]
    public async Task An_error_reply_is_thrown_to_its_caller_alone()
    {
        await using var harness = new Harness();
        harness.Server.Script = (_, command) => command[0] == "GET" ? "-WRONGTYPE Operation against a key\r\n" : null;
        var failing = harness.Client.ExecuteAsync("GET", "a").AsTask();
        var fine = harness.Client.SendAsync<Echo, string?>(new Echo("b")).AsTask();
        Assert.Equal("b", await fine);
        var error = await Assert.ThrowsAsync<RespServerException>(() => failing);
        Assert.Equal(("WRONGTYPE", "GET"), (error.Kind, error.Command));
    }

    [Fact]
    public async Task What_a_reader_throws_its_caller_gets_and_the_stream_stays_in_step()
    {
        await using var harness = new Harness();
        harness.Server.Script = (_, command) => command[0] == "GET" ? "*2\r\n:1\r\n:2\r\n" : null;
        var wrong = await Assert.ThrowsAsync<RespException>(() => harness.Client.SendAsync<WrongReader, string?>(default).AsTask());
        Assert.Equal(RespErrorCode.UnexpectedReply, wrong.Code);
        Assert.Equal("b", await harness.Client.SendAsync<Echo, string?>(new Echo("b")));
        Assert.Equal(1, harness.Server.Connections);
    }

    [Fact]
    public async Task A_request_that_writes_no_whole_command_is_refused_and_nothing_of_it_is_sent()
    {
        await using var harness = new Harness();
        var refused = await Assert.ThrowsAsync<RespException>(() => harness.Client.SendAsync<WrongWriter, string?>(default).AsTask());
        Assert.Equal(RespErrorCode.MalformedCommand, refused.Code);
        Assert.Equal("b", await harness.Client.SendAsync<Echo, string?>(new Echo("b")));
    }

    [Fact]
    public async Task A_large_command_travels_on_a_connection_of_its_own_kind()
    {
        await using var harness = new Harness();
        await harness.Client.ExecuteAsync("PING");
        await harness.Client.ExecuteAsync("SET", "k", new byte[100_000]);
        Assert.Equal(2, harness.Server.Connections);
        await harness.Client.ExecuteAsync("SET", "k", new byte[100]);
        Assert.Equal(2, harness.Server.Connections);
    }

    private readonly struct WrongReader : IRespRequest<string?>
    {
        public string Name => "GET";

        public RespTraits Traits => RespTraits.None;

        public int Slot => RespSlot.Any;

        public void Write(ref RespWriter writer) => writer.Command("GET"u8, 0);

        public string? Read(ref RespReader reader) => reader.GetText();
    }

    private readonly struct WrongWriter : IRespRequest<string?>
    {
        public string Name => "GET";

        public RespTraits Traits => RespTraits.None;

        public int Slot => RespSlot.Any;

        public void Write(ref RespWriter writer)
        {
            writer.Command("GET"u8, 2);
            writer.Argument("a");
        }

        public string? Read(ref RespReader reader) => reader.GetText();
    }
}
