using Millpond.Sessions;

namespace Millpond;

/// <summary>
/// What one user has written and seen, so that no later read of his, in whichever process and region, goes back behind it. Resumed from its ticket at the beginning of a request, given to reads (<see cref="ReadOptions.Session"/>) and
/// told of writes (<see cref="IKeyspace{TKey, TValue}.NoteWriteAsync"/>), and kept as a ticket by the user, in a cookie or a header. May be used by several threads at a time.
/// </summary>
/// <remarks>
/// It remembers the places of the keys that it was last about, <see cref="KeysMax"/> of them; past that the oldest become one place for all keys, which makes a region wait more often and never promises less. A ticket is neither secret nor
/// signed: who may forge one may have his own reads wait, be refused or be loaded from the home database. Protect it as any cookie where that matters.
/// </remarks>
public sealed class Session
{
    /// <summary>How many keys it tells apart.</summary>
    public const int KeysMax = 32;

    /// <summary>How many home databases it may have to do with.</summary>
    public const int SystemsMax = 4;

    /// <summary>The longest ticket, in characters; what is longer is none.</summary>
    public const int TicketCharactersMax = 1_200;

    private readonly Lock _gate = new();
    private readonly SessionStamps _stamps;

    /// <summary>A new one, which has seen nothing.</summary>
    public Session()
        : this(new SessionStamps())
    {
    }

    private Session(SessionStamps stamps) => _stamps = stamps;

    /// <summary>What to keep for the user's next request: URL-safe text of at most <see cref="TicketCharactersMax"/> characters; empty if it has seen nothing.</summary>
    public string Ticket
    {
        get
        {
            lock (_gate)
            {
                return SessionTicket.Write(_stamps);
            }
        }
    }

    /// <summary>Goes on with a session.</summary>
    /// <param name="ticket">Its ticket; a null or empty one begins a new session.</param>
    /// <exception cref="MillpondException">MP1606: it is no ticket, or was damaged or cut off.</exception>
    public static Session Resume(string? ticket) => SessionTicket.Read(ticket, out var fault) is { } stamps
        ? new Session(stamps)
        : throw new MillpondException(ErrorCode.TicketUnreadable, $"A session ticket cannot be read: {fault} Begin a new session (new Session()), which promises nothing of what was before, and find out who changes tickets on their way.");

    /// <summary>The same for a ticket that anybody may have written.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <param name="session">The session; a new one where the ticket cannot be read.</param>
    /// <returns>Whether it could be read.</returns>
    public static bool TryResume(string? ticket, out Session session)
    {
        var stamps = SessionTicket.Read(ticket, out _);
        session = new Session(stamps ?? new SessionStamps());
        return stamps is not null;
    }

    /// <summary>Has every later read, of whatever key, show what the home database had at a place.</summary>
    /// <param name="position">The place, asked for after the commit.</param>
    /// <exception cref="MillpondException">MP1104: more home databases than <see cref="SystemsMax"/>.</exception>
    public void Advance(HomePosition position)
    {
        lock (_gate)
        {
            _stamps.Raise(position);
        }
    }

    /// <summary>The same for reads of one key.</summary>
    internal void Saw(ulong key, HomePosition position)
    {
        lock (_gate)
        {
            _stamps.Add(key, position);
        }
    }

    /// <summary>What a read of a key must show: at most one place of each home database.</summary>
    internal IReadOnlyList<HomePosition> Required(ulong key)
    {
        lock (_gate)
        {
            return _stamps.Required(key);
        }
    }
}
