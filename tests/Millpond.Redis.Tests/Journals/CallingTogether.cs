using Millpond.Journals;
using Millpond.Redis.Journals;

namespace Millpond.Redis.Tests.Journals;

/// <summary>Which steps of a group are one call of a script, and what each of them hears.</summary>
public sealed class CallingTogether
{
    [Fact]
    public void Appends_that_stand_together_are_one_call_and_other_steps_keep_their_place()
    {
        var calls = JournalCall.Of([Append(1), Append(2), Step(), Append(1), Append(1)]);
        Assert.Equal([2, 1, 2], calls.Select(call => call.Asks.Count));
        Assert.Equal([1 + (3 * 4), 2, 1 + (2 * 4)], calls.Select(call => call.Arguments.Length));
        Assert.Same(JournalScript.Acknowledge, calls[1].Script);
    }

    [Fact]
    public async Task Each_append_hears_of_the_position_of_its_own_last_record()
    {
        JournalAsk[] asks = [Append(1), Append(3), Append(2)];
        var call = Assert.Single(JournalCall.Of(asks));
        call.Make(JournalStand.None with { Status = "ok", Last = 106 });
        foreach (var ask in asks)
        {
            ask.Settle(null);
        }

        Assert.Equal([101L, 104L, 106L], (await Task.WhenAll(asks.Select(ask => ask.Done))).Select(stand => stand.Last));
    }

    [Fact]
    public void A_call_holds_up_the_engine_for_no_more_than_256_records()
    {
        var calls = JournalCall.Of([.. Enumerable.Range(0, 300).Select(_ => Append(2)), Append(1_000)]);
        Assert.Equal([128, 128, 44, 1], calls.Select(call => call.Asks.Count));
    }

    private static JournalAsk Append(int records) => new(JournalScript.Append, StepEffect.Durable, [.. Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1], 1 + (records * JournalCall.ArgumentsOfRecord))], new TaskCompletionSource<JournalStand>());

    private static JournalAsk Step() => new(JournalScript.Acknowledge, StepEffect.Durable, [new byte[1], new byte[1]], new TaskCompletionSource<JournalStand>());
}
