import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Which execution a workflow has claimed; the workflows set it (workflows/search-attributes.ts). */
export const executionIdKey = defineSearchAttributeKey('TitanExecutionId', SearchAttributeType.KEYWORD);

/** Names the task. */
export const taskIdKey = defineSearchAttributeKey('TitanTaskId', SearchAttributeType.KEYWORD);
