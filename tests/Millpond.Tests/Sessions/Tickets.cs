namespace Millpond.Tests.Sessions;

/// <summary>A session as text.</summary>
public sealed class Tickets
{
    [Fact]
    public void A_session_that_has_seen_nothing_has_none() => Assert.Equal(("", ""), (new Session().Ticket, Session.Resume(null).Ticket));

    [Fact]
    public void What_is_resumed_requires_what_was_required()
    {
        var session = new Session();
        session.Advance(new HomePosition(3, 2, 1_000));
        session.Saw(11, new HomePosition(3, 2, 5_000));
        session.Saw(12, new HomePosition(ulong.MaxValue, uint.MaxValue, ulong.MaxValue));
        var resumed = Session.Resume(session.Ticket);
        foreach (var key in new ulong[] { 11, 12, 13 })
        {
            Assert.Equal(session.Required(key), resumed.Required(key));
        }

        Assert.Equal([new HomePosition(3, 2, 5_000)], resumed.Required(11));
        Assert.Equal([new HomePosition(3, 2, 1_000)], resumed.Required(13));
        Assert.Equal(2, resumed.Required(12).Count);
    }

    [Fact]
    public void A_key_never_goes_back()
    {
        var session = new Session();
        session.Saw(1, new HomePosition(1, 2, 5));
        session.Saw(1, new HomePosition(1, 1, 900));
        session.Saw(1, new HomePosition(1, 2, 4));
        Assert.Equal([new HomePosition(1, 2, 5)], session.Required(1));
    }

    [Fact]
    public void Past_its_number_of_keys_the_oldest_become_one_place_for_all()
    {
        var session = new Session();
        for (ulong key = 0; key < 1_000; key++)
        {
            session.Saw(key, new HomePosition(1, 1, key + 1));
        }

        // Of the last ones each is told apart; whatever was forgotten requires at least what it did.
        Assert.Equal([new HomePosition(1, 1, 1_000)], session.Required(999));
        for (ulong key = 0; key < 1_000; key++)
        {
            Assert.True(session.Required(key).Single().Reaches(new HomePosition(1, 1, key + 1)));
        }

        Assert.Equal([new HomePosition(1, 1, 1_000 - Session.KeysMax)], session.Required(77_777));
    }

    [Fact]
    public void The_longest_ticket_is_no_longer_than_it_may_be()
    {
        var session = new Session();
        for (ulong system = 1; system <= Session.SystemsMax; system++)
        {
            session.Advance(new HomePosition(system, uint.MaxValue, ulong.MaxValue - 100));
        }

        for (ulong key = 0; key < 100; key++)
        {
            session.Saw(key, new HomePosition(1 + (key % Session.SystemsMax), uint.MaxValue, ulong.MaxValue - 99 + key));
        }

        Assert.InRange(session.Ticket.Length, 400, Session.TicketCharactersMax);
        Assert.Equal(session.Required(99), Session.Resume(session.Ticket).Required(99));
        Assert.Equal(ErrorCode.TooMany, Assert.Throws<MillpondException>(() => session.Advance(new HomePosition(99, 1, 1))).Code);
    }

    [Fact]
    public void Whatever_is_no_ticket_is_refused_with_a_reason_and_begins_a_new_session_if_asked_to()
    {
        var ticket = new Session();
        ticket.Saw(5, new HomePosition(1, 1, 77));
        ticket.Advance(new HomePosition(1, 1, 7));
        var good = ticket.Ticket;
        string[] bad = ["x", "!!!!", "AAAA", new('A', Session.TicketCharactersMax + 1), new('A', Session.TicketCharactersMax), good[..^1], good[1..], good + "AAAA", good.ToUpperInvariant(), "\0", "ü" + good];
        foreach (var text in bad)
        {
            Assert.Equal(ErrorCode.TicketUnreadable, Assert.Throws<MillpondException>(() => Session.Resume(text)).Code);
            Assert.False(Session.TryResume(text, out var begun));
            Assert.Equal("", begun.Ticket);
        }

        // Every single damaged character is noticed, or makes no difference.
        for (var i = 0; i < good.Length; i++)
        {
            var damaged = good[..i] + (good[i] == 'A' ? 'B' : 'A') + good[(i + 1)..];
            Assert.True(!Session.TryResume(damaged, out var read) || read.Ticket == good, $"character {i}");
        }
    }

    [Fact]
    public void No_bytes_make_it_fail_otherwise()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(0, 60)];
            random.NextBytes(bytes);
            Session.TryResume(System.Buffers.Text.Base64Url.EncodeToString(bytes), out _);
        }

        // With a sum that is right, so that the content itself is read.
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(1, 60)];
            random.NextBytes(bytes);
            bytes[0] = 1;
            var sum = new byte[4];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(sum, (uint)Millpond.Keyspaces.PartitionHash.Whole(Convert.ToHexString(bytes)));
            if (Session.TryResume(System.Buffers.Text.Base64Url.EncodeToString([.. bytes, .. sum]), out var session))
            {
                Assert.Equal(session.Ticket, Session.Resume(session.Ticket).Ticket);
            }
        }
    }
}
