import { ReplySequence, type Reply } from '../protocol/reply.ts';
import { container, plainCommand, type CommandContext, type CommandFlag, type CommandSpec } from './command.ts';

const SUBSCRIPTION_FLAGS: readonly CommandFlag[] = ['pubsub', 'noscript'];

function subscriptions({ session }: CommandContext): number {
  return session.channels.size + session.patterns.size;
}

type Change = (context: CommandContext, name: string) => void;

/** One reply a name; leaving everything while there is nothing to leave is answered too. */
function changeEach(context: CommandContext, kind: string, names: readonly string[], change: Change): Reply {
  const replies: Reply[] = names.map((name) => {
    change(context, name);
    return [kind, name, subscriptions(context)];
  });
  return new ReplySequence(replies.length === 0 ? [[kind, null, subscriptions(context)]] : replies);
}

export const pubsubCommands: readonly CommandSpec[] = [
  plainCommand('subscribe', -2, SUBSCRIPTION_FLAGS, (context, names) =>
    changeEach(context, 'subscribe', names, ({ server, session }, name) => server.pubsub.subscribe(session, name)),
  ),
  plainCommand('psubscribe', -2, SUBSCRIPTION_FLAGS, (context, names) =>
    changeEach(context, 'psubscribe', names, ({ server, session }, name) => server.pubsub.subscribePattern(session, name)),
  ),
  plainCommand('unsubscribe', -1, SUBSCRIPTION_FLAGS, (context, names) =>
    changeEach(context, 'unsubscribe', names.length > 0 ? names : [...context.session.channels], ({ server, session }, name) =>
      server.pubsub.unsubscribe(session, name),
    ),
  ),
  plainCommand('punsubscribe', -1, SUBSCRIPTION_FLAGS, (context, names) =>
    changeEach(context, 'punsubscribe', names.length > 0 ? names : [...context.session.patterns], ({ server, session }, name) =>
      server.pubsub.unsubscribePattern(session, name),
    ),
  ),
  plainCommand('publish', 3, ['pubsub'], ({ server }, [channel, message]) => server.pubsub.publish(channel, message)),
  container('pubsub', [
      plainCommand('pubsub|channels', -2, ['pubsub'], ({ server }, args) =>
        server.pubsub.channels(args.length > 0 ? args[0] : undefined),
      ),
      plainCommand('pubsub|numsub', -2, ['pubsub'], ({ server }, names) =>
        names.flatMap((name) => [name, server.pubsub.subscriberCount(name)]),
      ),
      plainCommand('pubsub|numpat', 2, ['pubsub'], ({ server }) => server.pubsub.patternCount),
  ]),
];
