using Millpond.Sinks;

namespace Millpond.Tests.Writing.Behind;

/// <summary>Writes that the source will never take.</summary>
public sealed class DeadLettering
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public void One_refused_write_in_a_batch_is_found_and_all_others_go_on() => BehindRig.Run(async rig =>
    {
        rig.Source.Refuses = item => item.Value == "poison";
        var (things, behind, _) = rig.Start();
        for (var key = 0; key < 100; key++)
        {
            await things.WriteAsync(key, key == 37 ? "poison" : "v");
        }

        rig.Pass(Long);
        Assert.Equal(99, rig.Source.Rows.Count);
        var letter = Assert.Single(await behind.DeadLettersAsync());
        Assert.Equal("37", letter.Record.Key);
        Assert.Contains("constraint", letter.Reason, StringComparison.Ordinal);
        Assert.Equal((1, 0), (behind.Statistics().DeadLetters, behind.Statistics().Records));
        Assert.Equal("poison", await things.GetAsync(37));
    });

    [Fact]
    public void A_retry_that_is_refused_again_leaves_the_letters() => BehindRig.Run(async rig =>
    {
        rig.Source.Refuses = item => item.Value == "poison";
        var (things, behind, _) = rig.Start();
        await things.WriteAsync(7, "poison");
        rig.Pass(Long);
        Assert.Equal(0, rig.Done(behind.RetryDeadLettersAsync("7")));
        Assert.Single(await behind.DeadLettersAsync());
        await things.WriteAsync(7, "good");
        rig.Pass(Long);
        Assert.Equal(2, (await behind.DeadLettersAsync()).Count);
        Assert.Equal(2, rig.Done(behind.RetryDeadLettersAsync()));
        Assert.Equal("good", rig.Source.Rows[7]);
        Assert.Empty(await behind.DeadLettersAsync());
        await things.WriteAsync(7, "better");
        rig.Pass(Long);
        Assert.Equal("better", rig.Source.Rows[7]);
    });

    [Fact]
    public void A_retry_whose_answer_is_lost_is_applied_once() => BehindRig.Run(async rig =>
    {
        rig.Source.Refuses = _ => true;
        var (things, behind, _) = rig.Start();
        await things.WriteAsync(7, "v");
        rig.Pass(Long);
        rig.Source.Refuses = null;
        rig.Source.AfterApply = _ => throw new TimeoutException();
        Assert.Throws<TimeoutException>(() => rig.Done(behind.RetryDeadLettersAsync()));
        rig.Source.AfterApply = null;
        rig.Pass(Long);
        Assert.Equal(1, rig.Done(behind.RetryDeadLettersAsync()));
        Assert.Single(rig.Source.History);
    });

    [Fact]
    public void A_batch_that_arrives_when_its_record_was_put_aside_changes_nothing() => BehindRig.Run(async rig =>
    {
        SinkBatch<int, string>? late = null;
        rig.Source.BeforeApply = batch =>
        {
            (late, rig.Source.BeforeApply) = (batch, null);
            throw new IOException("no answer in time");
        };
        rig.Source.Refuses = _ => true;
        var (things, behind, _) = rig.Start();
        await things.WriteAsync(7, "v");
        rig.Pass(Long);
        Assert.Single(await behind.DeadLettersAsync());
        rig.Source.Refuses = null;
        var fenced = await Assert.ThrowsAsync<SinkException>(() => rig.Source.ApplyAsync(late!, default).AsTask());
        Assert.Equal(SinkFailure.Fenced, fenced.Failure);
        Assert.Equal(1, rig.Done(behind.RetryDeadLettersAsync()));
        Assert.Single(rig.Source.History);
    });

    [Fact]
    public void Letters_that_are_given_up_are_gone_and_readers_see_the_source() => BehindRig.Run(async rig =>
    {
        rig.Source.Put(7, "old");
        rig.Source.Refuses = item => item.Value == "poison";
        var (things, behind, _) = rig.Start();
        await things.WriteAsync(7, "poison");
        rig.Pass(Long);
        Assert.Equal("poison", await things.GetAsync(7));
        Assert.Equal(1, rig.Done(behind.DiscardDeadLettersAsync("7")));
        Assert.Equal("old", await things.GetAsync(7));
        Assert.Empty(await behind.DeadLettersAsync());
        Assert.Equal(0, rig.Done(behind.DiscardDeadLettersAsync("7")));
    });

    [Fact]
    public void What_was_written_after_the_letters_that_somebody_saw_stays_and_holds_up_its_key() => BehindRig.Run(async rig =>
    {
        rig.Source.Refuses = item => item.Value == "poison";
        var (things, behind, _) = rig.Start();
        await things.WriteAsync(7, "poison");
        rig.Pass(Long);
        var seen = Assert.Single(await behind.DeadLettersAsync()).Record.Position;
        await things.WriteAsync(7, "good");
        rig.Pass(Long);
        Assert.Equal(0, rig.Done(behind.DiscardDeadLettersAsync("7", seen - 1)));
        Assert.Equal(1, rig.Done(behind.DiscardDeadLettersAsync("7", seen)));
        Assert.Equal("good", await things.GetAsync(7));
        await things.WriteAsync(7, "better");
        rig.Pass(Long);
        Assert.Equal(2, (await behind.DeadLettersAsync()).Count);
        Assert.False(rig.Source.Rows.ContainsKey(7));
        Assert.Equal(2, rig.Done(behind.RetryDeadLettersAsync("7")));
        Assert.Equal("better", rig.Source.Rows[7]);
    });

    [Theory]
    [InlineData(10_000, true)]
    [InlineData(1, false)]
    public void Past_the_limit_of_letters_nothing_more_is_put_aside(int lettersMax, bool goesOn) => BehindRig.Run(async rig =>
    {
        rig.Source.Refuses = item => item.Value == "poison";
        var (things, behind, _) = rig.Start(o => (o.DeadLettersMax, o.DrainMax) = (lettersMax, TimeSpan.Zero));
        await things.WriteAsync(1, "poison");
        await things.WriteAsync(2, "poison");
        await things.WriteAsync(3, "v");
        rig.Pass(Long);
        Assert.Equal(goesOn, rig.Source.Rows.ContainsKey(3));
        Assert.Equal(goesOn ? 2 : 1, (await behind.DeadLettersAsync()).Count);
        if (!goesOn)
        {
            Assert.Contains("DeadLettersMax", behind.Statistics().LastFailure, StringComparison.Ordinal);
            Assert.Equal(1, rig.Done(behind.DiscardDeadLettersAsync("1")));
            rig.Pass(Long);
            Assert.True(rig.Source.Rows.ContainsKey(3));
        }
    });

    [Fact]
    public void Letters_of_many_pages_are_listed_retried_and_given_up() => BehindRig.Run(async rig =>
    {
        rig.Source.Refuses = _ => true;
        var (things, behind, _) = rig.Start();
        for (var write = 0; write < 1_200; write++)
        {
            await things.WriteAsync(write % 3, $"{write}");
        }

        rig.Pass(Long);
        var positions = new List<long>();
        while (await behind.DeadLettersAsync(positions.LastOrDefault(), 250) is { Count: > 0 } page)
        {
            positions.AddRange(page.Select(letter => letter.Record.Position));
        }

        Assert.Equal(1_200, positions.Distinct().Count());
        Assert.Equal(positions.Order(), positions);

        // Of key 1 the last is good; it waits behind those that are not.
        rig.Source.Refuses = item => item.Key == 1 && item.Value != "1198";
        Assert.Equal(800, rig.Done(behind.RetryDeadLettersAsync()));
        Assert.Equal(("1197", "1199"), (rig.Source.Rows[0], rig.Source.Rows[2]));
        Assert.False(rig.Source.Rows.ContainsKey(1));
        Assert.Equal(399, rig.Done(behind.DiscardDeadLettersAsync("1", positions[1_195])));
        await things.WriteAsync(1, "1201");
        rig.Pass(Long);
        Assert.False(rig.Source.Rows.ContainsKey(1));
        rig.Source.Refuses = null;
        Assert.Equal(2, rig.Done(behind.RetryDeadLettersAsync("1")));
        Assert.Equal("1201", rig.Source.Rows[1]);
        Assert.Empty(await behind.DeadLettersAsync());
    });

    [Fact]
    public void Letters_outlive_the_program_and_hold_up_their_key_after_it() => BehindRig.Run(async rig =>
    {
        rig.Source.Refuses = item => item.Value == "poison";
        var (things, _, _) = rig.Start();
        await things.WriteAsync(7, "poison");
        rig.Pass(Long);
        await rig.StopAsync();
        var (again, behind, _) = rig.Start();
        await again.WriteAsync(7, "later");
        rig.Pass(Long);
        Assert.Empty(rig.Source.Rows);
        Assert.Equal(2, (await behind.DeadLettersAsync()).Count);
        Assert.Equal("later", await again.GetAsync(7));
    });
}
