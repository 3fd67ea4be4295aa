import { Box, Transform } from 'ink';
import type { ReactNode } from 'react';
import type { ScreenProps } from '../ui/screen-props.ts';
import { screenLines } from './screen-lines.ts';

/**
 * A whole frame, exactly `columns` × `rows`. Pure: the same props give the same frame.
 *
 * One node for all of it, and the lines handed to Ink as a transformation of empty ones: text that is a child is
 * taken apart into cells, measured and put together several times over, which makes painting cost twice as much.
 */
export function Screen(props: ScreenProps): ReactNode {
  const lines = screenLines(props);
  return (
    <Box width={props.columns} height={props.rows}>
      <Transform transform={(_, index) => lines[index] ?? ''} accessibilityLabel={lines.join('\n')}>
        {props.rows > 1 ? '\n'.repeat(props.rows - 1) : ' '}
      </Transform>
    </Box>
  );
}
