using System.Text;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Actors.Binding;

/// <summary>Messages and contexts for the binders.</summary>
internal static class Arguments
{
    internal static Message Of(string args = "[]", string kwargs = "{}") => new(
        "default", "count_words", Encoding.UTF8.GetBytes(args), Encoding.UTF8.GetBytes(kwargs), MessageOptions.Empty, Message.NewId(), 0);

    internal static MessageContext Context(Message message, IServiceProvider? services = null) =>
        new(message, null!, null!, null!, [], ActorRefs.Nobody, services ?? new ServiceCollection().BuildServiceProvider());
}
