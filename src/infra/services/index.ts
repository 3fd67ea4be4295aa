import type { ServiceName } from '../provider.ts';
import { kafka } from './kafka.ts';
import { llm } from './llm.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import type { ServiceDefinition } from './service.ts';

export const services: Readonly<Record<ServiceName, ServiceDefinition>> = { postgres, redis, kafka, llm };
