using Millpond.Sinks;

namespace Millpond.Tests.Writing.Behind;

/// <summary>A function in the sink's place throws what is no <see cref="SinkException"/>: one record's fault, or the source's.</summary>
public sealed class UnclassifiedFailures
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_record_that_fails_while_others_are_taken_is_a_dead_letter_with_what_was_thrown() => BehindRig.Run(async rig =>
    {
        var source = new Function();
        var (things, behind, _) = rig.Start(function: source.ApplyAsync);
        for (var key = 0; key < 100; key++)
        {
            await things.WriteAsync(key, key == 37 ? "poison" : "v");
        }

        rig.Pass(Minute / 2);
        await things.WriteAsync(37, "later");
        rig.Pass(Minute / 2);
        Assert.Empty(await behind.DeadLettersAsync());
        Assert.Contains("PoisonTimeMin", behind.Statistics().LastFailure, StringComparison.Ordinal);
        rig.Pass(Minute);
        var letters = await behind.DeadLettersAsync();
        Assert.Equal(["37", "37"], letters.Select(letter => letter.Record.Key));
        Assert.StartsWith("FormatException: what is poison?", letters[0].Reason, StringComparison.Ordinal);
        Assert.Contains("waits behind", letters[1].Reason, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 100).Where(key => key != 37), source.Applied.Select(item => item.Key).Order());
        Assert.Equal(0, behind.Statistics().Records);
    });

    [Fact]
    public void A_source_that_is_away_makes_no_dead_letter_however_long() => BehindRig.Run(async rig =>
    {
        var source = new Function { IsDown = true };
        var (things, behind, _) = rig.Start(function: source.ApplyAsync);
        for (var key = 0; key < 50; key++)
        {
            await things.WriteAsync(key, "v");
        }

        rig.Pass(TimeSpan.FromHours(5));
        Assert.Empty(await behind.DeadLettersAsync());
        Assert.Equal(50, behind.Statistics().Records);
        source.IsDown = false;
        rig.Pass(Minute);
        Assert.Equal(Enumerable.Range(0, 50), source.Applied.Select(item => item.Key).Order());
        Assert.Empty(await behind.DeadLettersAsync());
    });

    [Fact]
    public void A_source_that_goes_away_makes_the_count_begin_anew() => BehindRig.Run(async rig =>
    {
        var source = new Function();
        var (things, behind, _) = rig.Start(o => (o.PoisonTimeMin, o.RetryPauseMax) = (10 * Minute, TimeSpan.FromSeconds(1)), source.ApplyAsync);
        for (var key = 0; key < 2_000; key++)
        {
            await things.WriteAsync(key, key == 0 ? "poison" : "v");
        }

        rig.Pass(9 * Minute);
        source.IsDown = true;
        rig.Pass(2 * Minute);
        source.IsDown = false;
        rig.Pass(9 * Minute);
        Assert.Empty(await behind.DeadLettersAsync());
        rig.Pass(3 * Minute);
        Assert.Equal("0", Assert.Single(await behind.DeadLettersAsync()).Record.Key);
        rig.Pass(Minute);
        Assert.Equal(1_999, source.Applied.Count);
    });

    [Fact]
    public void Without_another_record_nothing_is_proven() => BehindRig.Run(async rig =>
    {
        var source = new Function();
        var (things, behind, _) = rig.Start(o => (o.PoisonTimeMin, o.PoisonAttemptsMin) = (TimeSpan.Zero, 2), source.ApplyAsync);
        await things.WriteAsync(7, "poison");
        await things.WriteAsync(7, "poison");
        rig.Pass(TimeSpan.FromHours(1));
        Assert.Empty(await behind.DeadLettersAsync());
        await things.WriteAsync(8, "v");
        rig.Pass(Minute);
        Assert.Empty(await behind.DeadLettersAsync());
        await things.WriteAsync(9, "v");
        rig.Pass(Minute);
        Assert.Equal(["7", "7"], (await behind.DeadLettersAsync()).Select(letter => letter.Record.Key));
        Assert.Equal([8, 9], source.Applied.Select(item => item.Key));
    });

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1_000, 0)]
    public void So_many_attempts_must_fail(int attemptsMin, int letters) => BehindRig.Run(async rig =>
    {
        var source = new Function();
        var (things, behind, _) = rig.Start(o => (o.PoisonTimeMin, o.PoisonAttemptsMin, o.DrainMax) = (TimeSpan.Zero, attemptsMin, TimeSpan.Zero), source.ApplyAsync);
        for (var key = 0; key < 20; key++)
        {
            await things.WriteAsync(key, key == 0 ? "poison" : "v");
        }

        rig.Pass(10 * Minute);
        Assert.Equal(letters, (await behind.DeadLettersAsync()).Count);
    });

    [Fact]
    public void Whoever_wants_no_guess_has_it_tried_for_ever() => BehindRig.Run(async rig =>
    {
        var source = new Function();
        var (things, behind, _) = rig.Start(o => (o.PoisonTimeMin, o.DrainMax) = (Timeout.InfiniteTimeSpan, TimeSpan.Zero), source.ApplyAsync);
        await things.WriteAsync(7, "poison");
        await things.WriteAsync(8, "v");
        rig.Pass(TimeSpan.FromHours(5));
        Assert.Empty(await behind.DeadLettersAsync());
        Assert.Empty(source.Applied);
    });

    [Fact]
    public void What_goes_ahead_keeps_its_key_in_order_and_is_applied_once() => BehindRig.Run(async rig =>
    {
        var source = new Function();
        var (things, _, _) = rig.Start(function: source.ApplyAsync);
        await things.WriteAsync(0, "poison");
        for (var write = 0; write < 40; write++)
        {
            await things.WriteAsync(1 + (write % 2), $"{write}");
        }

        rig.Pass(5 * Minute);
        Assert.Equal(("38", "39"), (source.Rows[1], source.Rows[2]));
        Assert.All(source.Applied.GroupBy(item => item.Key), ofKey => Assert.Equal(ofKey.Select(item => item.Position).Order(), ofKey.Select(item => item.Position)));
        Assert.Equal(40, source.Applied.Sum(item => item.Writes));
    });

    [Fact]
    public void A_retry_of_all_goes_on_behind_a_key_that_fails_again_and_tells_of_a_source_that_is_away() => BehindRig.Run(async rig =>
    {
        var source = new Function { Refuses = true };
        var (things, behind, _) = rig.Start(function: source.ApplyAsync);
        for (var key = 0; key < 10; key++)
        {
            await things.WriteAsync(key, key == 0 ? "poison" : "v");
        }

        rig.Pass(Minute);
        Assert.Equal(10, (await behind.DeadLettersAsync()).Count);
        source.Refuses = false;
        Assert.Equal(9, rig.Done(behind.RetryDeadLettersAsync()));
        Assert.Equal("0", Assert.Single(await behind.DeadLettersAsync()).Record.Key);
        Assert.Throws<FormatException>(() => rig.Done(behind.RetryDeadLettersAsync("0")));
        source.IsDown = source.Refuses = true;
        for (var key = 1; key < 10; key++)
        {
            await things.WriteAsync(key, "w");
        }

        source.IsDown = false;
        rig.Pass(Minute);
        source.IsDown = true;
        var before = source.Calls;
        Assert.Throws<IOException>(() => rig.Done(behind.RetryDeadLettersAsync()));
        Assert.Equal(5, source.Calls - before);
        Assert.Equal(10, (await behind.DeadLettersAsync()).Count);
    });

    /// <summary>Takes a batch as a whole, or throws.</summary>
    private sealed class Function
    {
        public bool IsDown { get; set; }

        public bool Refuses { get; set; }

        public int Calls { get; private set; }

        public List<SinkItem<int, string>> Applied { get; } = [];

        public Dictionary<int, string> Rows { get; } = [];

        public ValueTask ApplyAsync(SinkBatch<int, string> batch, CancellationToken cancellationToken)
        {
            Calls++;
            if (IsDown)
            {
                throw new IOException("the database is away");
            }

            if (Refuses)
            {
                throw new SinkException(SinkFailure.Refused, "no");
            }

            if (batch.Items.Any(item => item.Value == "poison"))
            {
                throw new FormatException("what is poison?");
            }

            foreach (var item in batch.Items)
            {
                Applied.Add(item);
                Rows[item.Key] = item.Value!;
            }

            return ValueTask.CompletedTask;
        }
    }
}
